from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VideoRequest(_message.Message):
    __slots__ = ("video_path", "calibration_path", "confidence_threshold", "match_id", "model_path", "frame_stride", "preview", "pitch")
    VIDEO_PATH_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_PATH_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_PATH_FIELD_NUMBER: _ClassVar[int]
    FRAME_STRIDE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    PITCH_FIELD_NUMBER: _ClassVar[int]
    video_path: str
    calibration_path: str
    confidence_threshold: float
    match_id: str
    model_path: str
    frame_stride: int
    preview: bool
    pitch: PitchSize
    def __init__(self, video_path: _Optional[str] = ..., calibration_path: _Optional[str] = ..., confidence_threshold: _Optional[float] = ..., match_id: _Optional[str] = ..., model_path: _Optional[str] = ..., frame_stride: _Optional[int] = ..., preview: _Optional[bool] = ..., pitch: _Optional[_Union[PitchSize, _Mapping]] = ...) -> None: ...

class VideoResponse(_message.Message):
    __slots__ = ("job_id", "status", "progress", "message", "result", "metrics", "frames_done", "frames_total", "error_code", "preview", "frames_drawn")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DONE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DRAWN_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    status: str
    progress: float
    message: str
    result: AnalysisResult
    metrics: MetricsChunk
    frames_done: int
    frames_total: int
    error_code: str
    preview: PreviewChunk
    frames_drawn: int
    def __init__(self, job_id: _Optional[str] = ..., status: _Optional[str] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ..., result: _Optional[_Union[AnalysisResult, _Mapping]] = ..., metrics: _Optional[_Union[MetricsChunk, _Mapping]] = ..., frames_done: _Optional[int] = ..., frames_total: _Optional[int] = ..., error_code: _Optional[str] = ..., preview: _Optional[_Union[PreviewChunk, _Mapping]] = ..., frames_drawn: _Optional[int] = ...) -> None: ...

class AnalysisResult(_message.Message):
    __slots__ = ("match_id", "total_frames", "players_tracked", "report_id", "player_metrics_csv_path", "ball_metrics_csv_path", "engine_name", "engine_version", "frames_processed", "player_rows", "ball_rows", "team_kits", "frames_damaged", "track_links", "preview_bytes", "pitch")
    MATCH_ID_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FRAMES_FIELD_NUMBER: _ClassVar[int]
    PLAYERS_TRACKED_FIELD_NUMBER: _ClassVar[int]
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_METRICS_CSV_PATH_FIELD_NUMBER: _ClassVar[int]
    BALL_METRICS_CSV_PATH_FIELD_NUMBER: _ClassVar[int]
    ENGINE_NAME_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    FRAMES_PROCESSED_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ROWS_FIELD_NUMBER: _ClassVar[int]
    BALL_ROWS_FIELD_NUMBER: _ClassVar[int]
    TEAM_KITS_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DAMAGED_FIELD_NUMBER: _ClassVar[int]
    TRACK_LINKS_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_BYTES_FIELD_NUMBER: _ClassVar[int]
    PITCH_FIELD_NUMBER: _ClassVar[int]
    match_id: str
    total_frames: int
    players_tracked: int
    report_id: str
    player_metrics_csv_path: str
    ball_metrics_csv_path: str
    engine_name: str
    engine_version: str
    frames_processed: int
    player_rows: int
    ball_rows: int
    team_kits: _containers.RepeatedCompositeFieldContainer[TeamKit]
    frames_damaged: int
    track_links: _containers.RepeatedCompositeFieldContainer[TrackLink]
    preview_bytes: int
    pitch: PitchSize
    def __init__(self, match_id: _Optional[str] = ..., total_frames: _Optional[int] = ..., players_tracked: _Optional[int] = ..., report_id: _Optional[str] = ..., player_metrics_csv_path: _Optional[str] = ..., ball_metrics_csv_path: _Optional[str] = ..., engine_name: _Optional[str] = ..., engine_version: _Optional[str] = ..., frames_processed: _Optional[int] = ..., player_rows: _Optional[int] = ..., ball_rows: _Optional[int] = ..., team_kits: _Optional[_Iterable[_Union[TeamKit, _Mapping]]] = ..., frames_damaged: _Optional[int] = ..., track_links: _Optional[_Iterable[_Union[TrackLink, _Mapping]]] = ..., preview_bytes: _Optional[int] = ..., pitch: _Optional[_Union[PitchSize, _Mapping]] = ...) -> None: ...

class PitchSize(_message.Message):
    __slots__ = ("length_m", "width_m")
    LENGTH_M_FIELD_NUMBER: _ClassVar[int]
    WIDTH_M_FIELD_NUMBER: _ClassVar[int]
    length_m: float
    width_m: float
    def __init__(self, length_m: _Optional[float] = ..., width_m: _Optional[float] = ...) -> None: ...

class PreviewChunk(_message.Message):
    __slots__ = ("film",)
    FILM_FIELD_NUMBER: _ClassVar[int]
    film: bytes
    def __init__(self, film: _Optional[bytes] = ...) -> None: ...

class MetricsChunk(_message.Message):
    __slots__ = ("kind", "first_frame", "last_frame", "rows")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[MetricsChunk.Kind]
        PLAYERS: _ClassVar[MetricsChunk.Kind]
        BALL: _ClassVar[MetricsChunk.Kind]
    KIND_UNSPECIFIED: MetricsChunk.Kind
    PLAYERS: MetricsChunk.Kind
    BALL: MetricsChunk.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    FIRST_FRAME_FIELD_NUMBER: _ClassVar[int]
    LAST_FRAME_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    kind: MetricsChunk.Kind
    first_frame: int
    last_frame: int
    rows: bytes
    def __init__(self, kind: _Optional[_Union[MetricsChunk.Kind, str]] = ..., first_frame: _Optional[int] = ..., last_frame: _Optional[int] = ..., rows: _Optional[bytes] = ...) -> None: ...

class TeamKit(_message.Message):
    __slots__ = ("team", "colour_hex", "colour_name")
    TEAM_FIELD_NUMBER: _ClassVar[int]
    COLOUR_HEX_FIELD_NUMBER: _ClassVar[int]
    COLOUR_NAME_FIELD_NUMBER: _ClassVar[int]
    team: str
    colour_hex: str
    colour_name: str
    def __init__(self, team: _Optional[str] = ..., colour_hex: _Optional[str] = ..., colour_name: _Optional[str] = ...) -> None: ...

class TrackLink(_message.Message):
    __slots__ = ("from_track", "to_track", "confidence")
    FROM_TRACK_FIELD_NUMBER: _ClassVar[int]
    TO_TRACK_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    from_track: int
    to_track: int
    confidence: float
    def __init__(self, from_track: _Optional[int] = ..., to_track: _Optional[int] = ..., confidence: _Optional[float] = ...) -> None: ...
