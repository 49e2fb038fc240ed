"""What a scripted engine plays."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from app.services.engine import (
    EngineEvent,
    EngineProgress,
    EngineRequest,
    EngineResult,
    MetricsKind,
    MetricsRows,
    PreviewPart,
    TeamKit,
    TrackLink,
)
from contract.csv_columns import BALL_COLUMNS, PLAYER_COLUMNS

FRAMES, FPS, TRACKS = 250, 25, 4
KITS = (TeamKit("A", "#ffffff", "white"), TeamKit("B", "#2040a0", "blue"))


def player_csv(*, tracks: int = TRACKS, frames: int = FRAMES) -> bytes:
    """Tracks 1, 2, ... that run along the touchline at 2.5 m/s, seen in every frame, teams A and B in turn."""
    lines = [",".join(PLAYER_COLUMNS)]
    for frame in range(1, frames + 1):
        time_s = (frame - 1) / FPS
        for track in range(1, tracks + 1):
            x_m, y_m, team = 20 + 2.5 * time_s, 10.0 * track, "BA"[track % 2]
            lines.append(
                f"{frame},{time_s:.3f},{track},{team},{x_m * 10},{y_m * 10},0,0,20,50,{x_m},{y_m},0.9,2.5,player,"
            )
    return ("\n".join(lines) + "\n").encode()


def ball_csv(*, frames: int = FRAMES) -> bytes:
    """Lies in one place. Each tenth frame does not show it."""
    lines = [",".join(BALL_COLUMNS)]
    lines += [
        f"{frame},{(frame - 1) / FPS:.3f},500,400,50,34,0.8,{int(frame % 10 == 0)}," for frame in range(1, frames + 1)
    ]
    return ("\n".join(lines) + "\n").encode()


def result(*, player_rows: int | None = FRAMES * TRACKS, ball_rows: int | None = FRAMES) -> EngineResult:
    return EngineResult("scripted", "1.0", FRAMES, player_rows, ball_rows, KITS, frames_total=FRAMES, frames_damaged=2)


def good_run(_: EngineRequest) -> Iterator[EngineEvent]:
    yield EngineProgress(0.0, 0)
    yield MetricsRows(MetricsKind.PLAYERS, player_csv())
    yield EngineProgress(1.0, FRAMES)
    yield MetricsRows(MetricsKind.BALL, ball_csv())
    yield result()


def broken_csv(*, later_confidence: float = 0.9) -> tuple[bytes, int]:
    """Tracks 1 to 4, of which the second is lost in frames 101 to 149, and has another number afterwards, twice."""
    head, *lines = player_csv().decode().splitlines()
    kept = []
    for line in lines:
        frame, time_s, track, *rest = line.split(",")
        if track == "2" and 100 < int(frame) < 150:
            continue
        if track == "2" and int(frame) >= 150:
            track = "9" if int(frame) < 200 else "12"
            rest[PLAYER_COLUMNS.index("confidence") - 3] = str(later_confidence)
        kept.append(",".join([frame, time_s, track, *rest]))
    return ("\n".join([head, *kept]) + "\n").encode(), len(kept)


def run_with_links(
    *links: TrackLink, later_confidence: float = 0.9
) -> Callable[[EngineRequest], Iterator[EngineEvent]]:
    def run(_: EngineRequest) -> Iterator[EngineEvent]:
        content, count = broken_csv(later_confidence=later_confidence)
        yield MetricsRows(MetricsKind.PLAYERS, content)
        yield MetricsRows(MetricsKind.BALL, ball_csv())
        yield replace(result(player_rows=count), track_links=links)

    return run


FILM = bytes(range(256)) * 4


def run_with_preview(request: EngineRequest) -> Iterator[EngineEvent]:
    """A film in three parts, if it is asked for."""
    *events, last = good_run(request)
    yield from events
    if not request.preview:
        yield last
        return
    for drawn, part in enumerate((FILM[:500], FILM[500:501], FILM[501:]), start=1):
        yield EngineProgress(0.7 + 0.1 * drawn, FRAMES, frames_drawn=drawn * FRAMES // 3)
        yield PreviewPart(part)
    yield replace(result(), preview_bytes=len(FILM))
