"""The demonstration is a smoke test too: what no sound analysis of a match may say."""

from football.plausibility import MAX_SPEED_MPS
from scripts.demo.findings import Findings


def find_faults(findings: Findings, *, calibrated: bool) -> list[str]:
    """One sentence for each thing that is wrong. ``calibrated`` tells that a calibration was sent with the video."""
    if not findings.tracks:
        return ["Not one player was tracked."]
    faults = [
        f"Track {track.track_number} is said to have run {track.top_speed_mps:.1f} m/s; nobody runs over "
        f"{MAX_SPEED_MPS:g} m/s."
        for track in findings.tracks
        if track.top_speed_mps is not None and track.top_speed_mps > MAX_SPEED_MPS
    ]
    teams = [side.team for side in findings.sides if side.is_team]
    if len(teams) != 2:
        faults.append(f"A match has two teams; the analysis found {len(teams)}.")
    if calibrated and not findings.report.report_data.quality.calibrated:
        faults.append("A calibration was sent, and yet nothing was measured in metres.")
    return faults
