"""Uploads that are no usable video: one clear sentence, and nothing stays behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.api.multipart_upload import MAX_FIELD_BYTES
from app.services.incoming_videos import IncomingVideo
from tests.files import files_below
from tests.integration.api.conftest import assert_nothing_left, assert_problem
from tests.integration.conftest import Api
from tests.servers import media
from tests.servers.media import Film, write_film

Maker = Callable[[Path], bytes]


def cut(share: float, **changes: object) -> Maker:
    """The first part of a film."""

    def make(path: Path) -> bytes:
        whole = media.film_bytes(path, **changes)
        return whole[: int(len(whole) * share)]

    return make


def altered(alter: Callable[[bytes], bytes], **changes: object) -> Maker:
    return lambda path: alter(media.film_bytes(path, **changes))


def sound(**options: object) -> Maker:
    return lambda path: media.write_sound(path, **options).read_bytes()  # type: ignore[arg-type]


def playlist(path: Path) -> bytes:
    """HLS that names another, good film of this machine."""
    other = write_film(path.with_suffix(".ts"), Film(muxer="mpegts"))
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n".encode()


def concatenation(path: Path) -> bytes:
    """FFmpeg's own list of further files."""
    return f"ffconcat version 1.0\nfile '{write_film(path.with_suffix('.mp4'), Film())}'\n".encode()


STILL = {"muxer": "image2", "codec": "png", "pixel_format": "rgb24", "codec_options": {}, "ticks": [0]}
GIF = {"muxer": "gif", "codec": "gif", "pixel_format": "rgb8", "codec_options": {}, "size": (64, 64)}
FASTSTART = {"muxer_options": {"movflags": "faststart"}}

BAD: dict[str, tuple[Maker, int, str]] = {
    # Not a video
    "text": (lambda _: b"Half time: 1-1\n" * 200, 415, "not_a_video"),
    "HTML": (lambda _: b"<!doctype html><title>404</title>" * 50, 415, "not_a_video"),
    "zeros": (lambda _: bytes(100_000), 415, "not_a_video"),
    "PNG": (lambda path: media.film_bytes(path, **STILL), 415, "not_a_video"),
    "GIF": (lambda path: media.film_bytes(path, **GIF), 415, "not_a_video"),
    "WAV": (sound(codec="pcm_s16le", muxer="wav", sample_format="s16"), 415, "not_a_video"),
    "MP3": (sound(codec="libmp3lame", muxer="mp3"), 415, "not_a_video"),
    "MP3 with a cover": (sound(codec="libmp3lame", muxer="mp3", cover=True), 415, "not_a_video"),
    "HLS playlist": (playlist, 415, "not_a_video"),
    "concat list": (concatenation, 415, "not_a_video"),
    "raw H.264, which carries no times": (lambda path: media.film_bytes(path, muxer="h264"), 415, "not_a_video"),
    # A container, but no usable picture in it
    "sound only": (sound(), 422, "video_without_picture"),
    "sound with a cover": (sound(cover=True), 422, "video_without_picture"),
    "frames are garbage": (altered(media.with_garbage_for_frames), 422, "video_without_readable_frame"),
    "one frame": (lambda path: media.film_bytes(path, ticks=[0]), 422, "video_without_frame_rate"),
    "all frames at one time": (altered(media.with_all_frames_at_once), 422, "video_without_frame_rate"),
    # Broken off
    "empty": (lambda _: b"", 422, "video_empty"),
    "ten bytes": (cut(0.00006), 422, "video_unreadable"),
    "half, index at the end": (cut(0.5), 422, "video_unreadable"),
    "half, index in front": (cut(0.5, **FASTSTART), 422, "video_truncated"),
    "last tenth missing, index in front": (cut(0.9, **FASTSTART), 422, "video_truncated"),
    "half a WebM header": (lambda _: b"\x1aE\xdf\xa3\x01\x00", 422, "video_unreadable"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_and_leaves_nothing(shared_api: Api, tmp_path: Path, case: str) -> None:
    make, status, code = BAD[case]
    content = make(tmp_path / "upload")
    answer = shared_api.client.post("/api/analyze_match", headers=shared_api.headers, files={"file": content})
    assert_problem(answer, status, code)
    assert str(tmp_path) not in answer.text
    assert_nothing_left(shared_api.client.app)


def test_neither_name_nor_declared_type_make_a_video(shared_api: Api) -> None:
    file = ("match.mp4", b"not a video at all", "video/mp4")
    answer = shared_api.client.post("/api/analyze_match", headers=shared_api.headers, files={"file": file})
    assert_problem(answer, 415, "not_a_video")


SQUARE = ((10, 10, 0, 0), (300, 10, 105, 0), (300, 230, 105, 68), (10, 230, 0, 68))


def points(*pairs: tuple[object, object, object, object]) -> str:
    """JSON of point pairs (pixel x, y, pitch x, y), with whatever stands in their place."""
    drawn = ", ".join(f'{{"pixel": [{px}, {py}], "pitch": [{x}, {y}]}}' for px, py, x, y in pairs)
    return f'{{"points": [{drawn}]}}'


BAD_CALIBRATIONS: dict[str, tuple[str, str]] = {
    "no JSON": ("{points: ", "is not JSON"),
    "nests without end": ("[" * 100_000, "is not JSON"),
    "a number of 5000 digits": (points((f"1{'0' * 5000}", 0, 0, 0), *SQUARE[1:]), "is not JSON"),
    "another type": ("[1, 2]", "should be an object"),
    "no points": ("{}", "points: Field required"),
    "three points": (points(*SQUARE[:3]), "at least 4"),
    "a NaN": (points(("NaN", 0, 0, 0), *SQUARE[1:]), "points/0/pixel/0: Input should be a finite number"),
    "a word": (points(('"left"', 0, 0, 0), *SQUARE[1:]), "points/0/pixel/0"),
    "points on one line": (points(*((20 * n, 10 * n, 5 * n, 3 * n) for n in range(1, 6))), "lie on one line"),
    "a point off the picture": (points((5000, 10, 0, 0), *SQUARE[1:]), "outside the picture of 320 x 240"),
    "a point off the pitch": (points((10, 10, -40, 0), *SQUARE[1:]), "off the pitch of 105 x 68"),
    "one point twice": (points(SQUARE[0], *SQUARE), "are the same"),
    "points that contradict each other": (
        points(*SQUARE, (155, 120, 5, 5), (160, 115, 100, 60), (150, 110, 10, 60)),
        "contradict each other",
    ),
}


@pytest.mark.parametrize("case", BAD_CALIBRATIONS)
def test_a_bad_calibration_beside_a_good_film_leaves_nothing(shared_api: Api, film: bytes, case: str) -> None:
    text, reason = BAD_CALIBRATIONS[case]
    answer = shared_api.client.post(
        "/api/analyze_match", headers=shared_api.headers, files={"file": film}, data={"calibration": text}
    )
    assert_problem(answer, 422, "calibration_invalid")
    assert reason in answer.json()["detail"]
    assert_nothing_left(shared_api.client.app)


BAD_FIELDS: dict[str, tuple[dict[str, str], int, str]] = {
    "match_id is no UUID": ({"match_id": "17"}, 422, "match_id_invalid"),
    "match_id reaches for a file": ({"match_id": "../../etc/passwd"}, 422, "match_id_invalid"),
    "match_id is unknown": ({"match_id": "00000000-0000-4000-8000-000000000000"}, 404, "not_found"),
    "threshold is a word": ({"confidence_threshold": "high"}, 422, "threshold_invalid"),
    "threshold is NaN": ({"confidence_threshold": "NaN"}, 422, "threshold_invalid"),
    "threshold is infinite": ({"confidence_threshold": "1e999"}, 422, "threshold_invalid"),
    "threshold is negative": ({"confidence_threshold": "-1"}, 422, "threshold_invalid"),
    "threshold is above 1": ({"confidence_threshold": "2"}, 422, "threshold_invalid"),
    "stride is a word": ({"frame_stride": "often"}, 422, "frame_stride_invalid"),
    "stride is a fraction": ({"frame_stride": "1.5"}, 422, "frame_stride_invalid"),
    "stride is 0": ({"frame_stride": "0"}, 422, "frame_stride_invalid"),
    "stride is above 25": ({"frame_stride": "26"}, 422, "frame_stride_invalid"),
    "a field of over 256 kB": ({"calibration": " " * (MAX_FIELD_BYTES + 1)}, 413, "payload_too_large"),
    "too many fields": ({f"field {n}": "x" for n in range(30)}, 422, "multipart_malformed"),
}


@pytest.mark.parametrize("case", BAD_FIELDS)
def test_a_bad_field_beside_a_good_film_leaves_nothing(shared_api: Api, film: bytes, case: str) -> None:
    fields, status, code = BAD_FIELDS[case]
    answer = shared_api.client.post("/api/analyze_match", headers=shared_api.headers, files={"file": film}, data=fields)
    assert_problem(answer, status, code)
    assert_nothing_left(shared_api.client.app)


def test_somebody_elses_match_does_not_exist(film: bytes, make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)
    own = api.client.post("/api/analyze_match", headers=api.headers, files={"file": film}).json()
    rival = api.register("rival@example.com")
    answer = api.client.post(
        "/api/analyze_match", headers=rival, files={"file": film}, data={"match_id": own["match_id"]}
    )
    assert_problem(answer, 404, "not_found")
    assert len(files_below(api.settings.upload_dir)) == 1
    unknown = api.client.post(
        "/api/analyze_match", headers=rival, files={"file": film}, data={"match_id": str(own["job_id"])}
    )
    # Nothing tells a match of others from one that there is not.
    assert unknown.json()["detail"].replace(own["job_id"], "") == answer.json()["detail"].replace(own["match_id"], "")


def test_a_disk_without_room_is_told(shared_api: Api, film: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    videos = shared_api.client.app.state.parts.videos  # type: ignore[attr-defined]
    begin = videos.begin

    def begin_on_a_full_disk() -> IncomingVideo:
        incoming: IncomingVideo = begin()
        incoming._file.close()
        incoming._file = Path("/dev/full").open("wb")  # noqa: SIM115 - the kernel has no room for what is written there
        return incoming

    monkeypatch.setattr(videos, "begin", begin_on_a_full_disk)
    answer = shared_api.client.post("/api/analyze_match", headers=shared_api.headers, files={"file": film})
    assert_problem(answer, 507, "storage_full")
    assert "Retry-After" not in answer.headers
    assert_nothing_left(shared_api.client.app)  # type: ignore[arg-type]
