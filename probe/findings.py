"""What the process that looks into a video says of it, as both sides read it."""

from dataclasses import dataclass

NOT_A_VIDEO = "not_a_video"
"""The code for bytes that are no video container that we read; any other one is for a video that cannot be used."""
MAX_FRAMES = 2_000_000  # nine hours at 60 frames per second


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What demuxing a file showed. ``frame_rate`` is the mean, in frames per second. ``width`` and ``height`` are those
    of the picture as a player shows it: upright, with square pixels."""

    container: str
    codec: str
    width: int
    height: int
    frame_count: int
    frame_rate: float
    duration_s: float
