"""The columns of the bundled engine's two CSV files, in order.

Cells are empty where nothing was measured, never 0: the metre columns without a calibration, for example. One row is
one person (or the ball) seen in one frame; frames without rows are frames in which nothing was seen. The columns from
"speed_mps" and "interpolated" on came later; files without them are read as well.
"""

REGISTRATION_ERROR = "registration_error_px"
"""How far the lines of the pitch, put into this frame, lie from those in the picture: the median, pixels.

Where it is measured the metres of the row come from the picture itself, whether the engine had a calibration or not.
Frames of a moving camera between two that were measured have metres and no error. Engines may lack the column.
"""

PLAYER_COLUMNS: tuple[str, ...] = (
    "frame",  # 1-based number of the decoded frame
    "time_s",  # presentation time stamp, seconds from the first frame
    "track",  # number of the track, unique within the video; a track is not a player
    "team",  # "A", "B" or "other" (goalkeepers, referees, staff); empty while undecided
    "x_px",  # foot point (middle of the lower edge of the box), pixels, origin top left
    "y_px",
    "box_x",  # box: left, top, width, height, pixels
    "box_y",
    "box_w",
    "box_h",
    "x_m",  # foot point on the pitch, metres, axes of football.pitch
    "y_m",
    "confidence",  # 0 to 1
    "speed_mps",  # of the foot point over the pitch, metres per second
    "class",  # "player", "goalkeeper" or "referee"; empty where the engine cannot tell
    REGISTRATION_ERROR,
)

BALL_COLUMNS: tuple[str, ...] = (
    "frame",
    "time_s",
    "x_px",
    "y_px",
    "x_m",
    "y_m",
    "confidence",
    "interpolated",  # 1: not seen in this frame, but between two in which it was; else 0
    REGISTRATION_ERROR,
)

TEAMS: tuple[str, ...] = ("A", "B", "other")
