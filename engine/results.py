"""Rows of the two CSV files, as :mod:`contract.csv_columns` lays them down."""

from dataclasses import dataclass
from enum import Enum

from contract.csv_columns import BALL_COLUMNS, PLAYER_COLUMNS


class Kind(Enum):
    """Which of the two files a row belongs to; the value is its header line."""

    PLAYERS = ",".join(PLAYER_COLUMNS) + "\n"
    BALL = ",".join(BALL_COLUMNS) + "\n"


@dataclass(frozen=True, slots=True)
class Place:
    """A point in video pixels and, with a calibration or a registration, in metres on the pitch.

    ``registration_error_px`` is that of the frame, None where the camera is calibrated or nothing was measured.
    """

    x_px: float
    y_px: float
    x_m: float | None = None
    y_m: float | None = None
    registration_error_px: float | None = None


@dataclass(frozen=True, slots=True)
class PlayerRow:
    """A person seen in a frame. ``box`` is (left, top, width, height), video pixels; ``foot`` the ground point.

    ``kind`` is empty where the detector cannot tell.
    """

    frame: int
    time_s: float
    track: int
    team: str
    foot: Place
    box: tuple[float, float, float, float]
    confidence: float
    speed_mps: float | None = None
    kind: str = ""

    def to_line(self) -> str:
        cells = (
            str(self.frame),
            f"{self.time_s:.4f}",
            str(self.track),
            self.team,
            f"{self.foot.x_px:.2f}",
            f"{self.foot.y_px:.2f}",
            *(f"{edge:.1f}" for edge in self.box),
            _decimals(self.foot.x_m),
            _decimals(self.foot.y_m),
            f"{self.confidence:.3f}",
            _decimals(self.speed_mps),
            self.kind,
            _decimals(self.foot.registration_error_px, places=2),
        )
        return ",".join(cells) + "\n"


@dataclass(frozen=True, slots=True)
class BallRow:
    """The ball seen in a frame; metres are those of the ground below a ball that lies there.

    ``is_interpolated``: it was not seen in this frame, but shortly before and after.
    """

    frame: int
    time_s: float
    place: Place
    confidence: float
    is_interpolated: bool = False

    def to_line(self) -> str:
        cells = (
            str(self.frame),
            f"{self.time_s:.4f}",
            f"{self.place.x_px:.2f}",
            f"{self.place.y_px:.2f}",
            _decimals(self.place.x_m),
            _decimals(self.place.y_m),
            f"{self.confidence:.3f}",
            str(int(self.is_interpolated)),
            _decimals(self.place.registration_error_px, places=2),
        )
        return ",".join(cells) + "\n"


def _decimals(value: float | None, *, places: int = 3) -> str:
    return "" if value is None else f"{value:.{places}f}"
