"""Why an analysis cannot be done. ``code`` is for programs, the message is a sentence for a person without paths."""

from typing import ClassVar


class AnalysisFailure(Exception):
    """Base of the failures that the client is told about."""

    code: ClassVar[str]


class VideoMissing(AnalysisFailure):
    code = "video_missing"


class VideoUndecodable(AnalysisFailure):
    code = "video_undecodable"


class CalibrationInvalid(AnalysisFailure):
    code = "calibration_invalid"


class ModelUnusable(AnalysisFailure):
    code = "model_unusable"


class ConfidenceThresholdInvalid(AnalysisFailure):
    code = "confidence_threshold_invalid"


class PitchSizeInvalid(AnalysisFailure):
    code = "pitch_size_invalid"


class FrameStrideInvalid(AnalysisFailure):
    code = "frame_stride_invalid"
