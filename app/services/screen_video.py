"""Have a video scanned before an engine sees it, and decide what becomes of its job (docs/decisions/0034)."""

from dataclasses import dataclass
from typing import Literal

import structlog
from sqlalchemy import update

from app.core.database import Database, database_now
from app.core.errors import AnalysisError, PartUnavailable, PermanentFailure, TransientFailure
from app.models import Phase, ScanReason, ScanStatus, Video
from app.services.attempt_keeper import AttemptKeeper
from app.services.changes import changing, of_club
from app.services.job_manager import Progress
from app.services.opened_video import OpenedVideo
from app.services.video_store import VideoStore
from app.services.virus_scanner import ScanProgress, ScanRun, Verdict, VirusScanner

log = structlog.get_logger(__name__)

ScanPolicy = Literal["require", "warn", "off"]

_FINAL = frozenset({ScanStatus.CLEAN, ScanStatus.INFECTED})
_SWITCHED_OFF = Verdict(ScanStatus.NOT_SCANNED, ScanReason.SWITCHED_OFF)
_NO_SCANNER = Verdict(ScanStatus.NOT_SCANNED, ScanReason.NO_SCANNER)
_HINT_SCANNER = "Tell the operator of the server; the analysis can be tried again, without another upload."


@dataclass(frozen=True, slots=True)
class VideoScreening:
    """``policy``: what becomes of a video of which nobody can say that it is clean. An infected one never goes on."""

    database: Database
    videos: VideoStore
    scanner: VirusScanner | None
    policy: ScanPolicy

    def screen(self, video: Video, film: OpenedVideo, keeper: AttemptKeeper) -> None:
        """Write the verdict on the video. A verdict that is final is not asked for again: files do not change.

        Raises:
            AnalysisError: the video must not be analysed, or ``keeper`` ended the scan.
        """
        verdict = _known(video)
        if verdict.status not in _FINAL:
            verdict = self._ask(film, keeper)
            keeper.require_ownership()
            self._record(video, verdict)
        if verdict.status is ScanStatus.INFECTED:
            # After the record: where the server is killed in between, the next attempt deletes the file.
            self.videos.delete(video.id)
            raise _infected(verdict)
        if self.policy == "require" and verdict.status is not ScanStatus.CLEAN:
            raise _not_clean(verdict)
        if verdict.status is ScanStatus.ERROR:
            log.warning("video not scanned", video_id=str(video.id), reason=verdict.reason)

    def _ask(self, film: OpenedVideo, keeper: AttemptKeeper) -> Verdict:
        if self.policy == "off":
            return _SWITCHED_OFF
        if self.scanner is None:
            return _NO_SCANNER
        return _scan(self.scanner.scan(film.path()), keeper)

    def _record(self, video: Video, verdict: Verdict) -> None:
        if verdict == _known(video):
            return
        values = {"scan_status": verdict.status, "scan_reason": verdict.reason, "scan_signature": verdict.signature}
        with self.database.unit_of_work() as session:
            now = database_now(session)
            scanned = update(Video).where(Video.id == video.id).values(scanned_at=now, **values)
            session.execute(scanned, execution_options=changing(of_club(video.club_id)))


def _scan(run: ScanRun, keeper: AttemptKeeper) -> Verdict:
    keeper.watch(run)
    keeper.tell(_scanning(0.0))
    for event in run:
        match event:
            case ScanProgress():
                keeper.tell(_scanning(event.fraction))
            case Verdict():
                keeper.watch(None)
                return event
    raise AssertionError("a scan ends with a verdict")


def _known(video: Video) -> Verdict:
    return Verdict(video.scan_status, video.scan_reason, video.scan_signature)


def _scanning(fraction: float) -> Progress:
    return Progress(phase=Phase.SCANNING, fraction=0.0, message="Looking for viruses.", phase_fraction=fraction)


def _infected(verdict: Verdict) -> AnalysisError:
    return PermanentFailure(
        f"The virus scanner found {verdict.signature} in this file, so it was deleted.",
        code="video_infected",
        hint="Scan the device that the file comes from, and upload the recording of another one.",
    )


def _not_clean(verdict: Verdict) -> AnalysisError:
    """Why a job ends under ``require``, for good or for now."""
    match verdict.reason:
        case ScanReason.UNREACHABLE:
            return PartUnavailable("The virus scanner is away; the video waits for it.", code="scanner_unavailable")
        case ScanReason.TIMED_OUT:
            return TransientFailure(
                "The virus scanner did not answer in time.", code="scan_timed_out", hint=_HINT_SCANNER
            )
        case ScanReason.SCANNER_FAILED:
            return TransientFailure(
                "The virus scanner could not examine this file.", code="scan_failed", hint=_HINT_SCANNER
            )
        case _:
            return PermanentFailure(
                "The virus scanner takes no file of this size, and this server analyses only what was scanned.",
                code="video_too_large_to_scan",
                hint="Upload the match in shorter pieces, or ask the operator of the server for a higher limit.",
            )
