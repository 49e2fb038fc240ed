"""Figures of a track that more than one answer carries. Axes are those of ``football.pitch``."""

from typing import Annotated

from pydantic import Field

_UNMEASURED = "null: not measured, for want of a calibration or of enough sound positions."

TeamLabel = Annotated[
    str,
    Field(
        description="Side by the colour of the shirt: `A`, `B`, or `other` for goalkeepers and referees. "
        "An engine other than the bundled one may have words of its own.",
        examples=["A", "B", "other"],
    ),
]
DecidedTeam = Annotated[
    str | None,
    Field(
        description="Side that most of the track's positions name: `A`, `B`, or `other` for goalkeepers and referees. "
        "An engine other than the bundled one may have words of its own. null: undecided.",
        examples=["A", "B", "other"],
    ),
]
TrackNumber = Annotated[
    int,
    Field(
        description="Number of the track within its analysis: one person as the engine followed it. Where links join "
        "several tracks, it is that of the first.",
    ),
]
Confidence = Annotated[
    float | None,
    Field(
        ge=0,
        le=1,
        description="How sure the engine was of this person, from 0 to 1: the mean over the frames. Distrust a track "
        "that has less than others. null: the engine does not say.",
    ),
]
Distance = Annotated[
    float | None, Field(description=f"Metres covered; nothing is counted across gaps of over a second. {_UNMEASURED}")
]
DistanceError = Annotated[
    float | None,
    Field(description="Half of the 95 % band around `distance_m`, metres; knows jitter, not a wrong calibration."),
]
TopSpeed = Annotated[float | None, Field(description=f"Highest speed, metres per second. {_UNMEASURED}")]
TopSpeedError = Annotated[
    float | None, Field(description="Half of the 95 % band around `top_speed_mps`, metres per second.")
]
MeanSpeed = Annotated[
    float | None, Field(description=f"Distance over the time that could be measured, metres per second. {_UNMEASURED}")
]
MeanX = Annotated[
    float | None,
    Field(
        description="Mean position over time along the touchline, metres from the far left corner to the right, as the "
        "main camera sees it. null: no usable position."
    ),
]
MeanY = Annotated[
    float | None,
    Field(
        description="Mean position over time along the goal line, metres from the far left corner towards the main "
        "camera. null: no usable position."
    ),
]
