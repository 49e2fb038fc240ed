from pydantic import BaseModel, ConfigDict, Field


class BallPositionRead(BaseModel):
    """Where the ball was found in one frame."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "frame": 42,
                    "time_s": 1.64,
                    "x_px": 1204.5,
                    "y_px": 612.0,
                    "x_m": 48.731,
                    "y_m": 30.204,
                    "confidence": 0.71,
                    "interpolated": False,
                },
                {
                    "frame": 43,
                    "time_s": 1.68,
                    "x_px": 1209.0,
                    "y_px": 611.5,
                    "x_m": None,
                    "y_m": None,
                    "confidence": None,
                    "interpolated": True,
                },
            ]
        },
    )

    frame: int = Field(description="Number of the frame, from 1.")
    time_s: float = Field(description="Seconds from the first frame.")
    x_px: float | None = Field(description="Pixels from the left edge of the picture.")
    y_px: float | None = Field(description="Pixels from its upper edge.")
    x_m: float | None = Field(
        description="Metres along the touchline from the far left corner, as the main camera sees it. null: no "
        "calibration, or no sound position."
    )
    y_m: float | None = Field(description="Metres along the goal line from the far left corner towards the camera.")
    confidence: float | None = Field(description="From 0 to 1, by the engine; null: it does not say.")
    interpolated: bool = Field(
        description="Whether the engine did not see the ball in this frame, and told its place from the frames before "
        "and after. false where an engine does not say."
    )
