"""The whole engine on a drawn pitch that the camera pans over: metres without a calibration."""

import csv
import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from contract.calibration_file import write_calibration
from engine.chunks import Chunk
from engine.pipeline import AnalysisRequest, analyse
from engine.registration.projection import PictureView
from engine.results import Kind
from football.pitch import STANDARD_PITCH, Pitch
from tests.unit.engine.drawn_match import BLUE, WHITE, draw_person
from tests.unit.engine.registration.drawn_pitch import draw_view, look_at

SIZE = (960, 540)
FRAMES = 50
STANDING = np.array([[40.0, 24.0], [46.0, 44.0], [58.0, 20.0], [62.0, 46.0], [34.0, 40.0], [52.0, 14.0]])  # metres
BEHIND_THE_LINE = np.array([[50.0, -7.0]])  # a substitute


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pan from the halfway line to the left."""
    path = tmp_path_factory.mktemp("clips") / "pan.mp4"
    write_pan(path)
    return path


@pytest.fixture(scope="module")
def rows(clip: Path) -> list[dict[str, str]]:
    return rows_of(AnalysisRequest(clip, frame_stride=1))


def rows_of(request: AnalysisRequest) -> list[dict[str, str]]:
    """Of the people in the player file."""
    chunks = [event for event in analyse(request) if isinstance(event, Chunk)]
    text = "".join(chunk.text for chunk in chunks if chunk.kind is Kind.PLAYERS)
    return list(csv.DictReader(io.StringIO(text)))


def look_at_frame(number: int, pitch: Pitch = STANDARD_PITCH) -> PictureView:
    return look_at(54 - 0.2 * number, focal=1.0, size=SIZE, pitch=pitch)


def write_pan(path: Path, pitch: Pitch = STANDARD_PITCH) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "18", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(FRAMES):
            view = look_at_frame(number, pitch)
            picture = draw_view(view, seed=number)
            for place, foot in enumerate(view.project(np.vstack([STANDING, BEHIND_THE_LINE]))):
                draw_person(picture, (float(foot[0]), float(foot[1])), (BLUE, WHITE)[place % 2])
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_people_who_stand_while_the_camera_pans_stand_in_metres(rows: list[dict[str, str]]) -> None:
    placed = [row for row in rows if row["x_m"]]
    assert len(placed) > 0.6 * len(STANDING) * FRAMES
    places = np.array([[float(row["x_m"]), float(row["y_m"])] for row in placed])
    distances = np.linalg.norm(places[:, np.newaxis] - STANDING, axis=2)
    assert np.median(distances.min(axis=1)) < 0.8
    assert set(distances.argmin(axis=1).tolist()) == set(range(len(STANDING)))
    moved_px = [float(row["x_px"]) for row in placed if row["track"] == placed[0]["track"]]
    assert np.ptp(moved_px) > 50  # although nobody has moved


def test_a_calibration_of_the_first_frame_is_carried_along_with_the_pan(clip: Path, tmp_path: Path) -> None:
    calibration, camera = tmp_path / "calibration.yaml", look_at_frame(0).to_camera(1.0)
    write_calibration(calibration, camera=camera, bare_homography=camera.homography)
    found = rows_of(AnalysisRequest(clip, calibration, frame_stride=1))
    assert len(found) > 0.8 * len(STANDING) * FRAMES
    assert all(row["x_m"] and row["registration_error_px"] for row in found)
    last = [row for row in found if int(row["frame"]) > FRAMES - 10]
    places = np.array([[float(row["x_m"]), float(row["y_m"])] for row in last])
    offsets = np.linalg.norm(places[:, np.newaxis] - STANDING, axis=2)
    assert np.median(offsets.min(axis=1)) < 0.8
    places_px = np.array([[float(row["x_px"]), float(row["y_px"])] for row in last])
    unmoved = np.linalg.norm(camera.to_pitch(places_px)[:, np.newaxis] - STANDING, axis=2)
    assert np.median(unmoved.min(axis=1)) > 3  # where they would be if the camera had stayed


def test_each_frame_tells_how_far_its_lines_are_off(rows: list[dict[str, str]]) -> None:
    errors = [float(row["registration_error_px"]) for row in rows if row["registration_error_px"]]
    assert len(errors) > 0.6 * len(rows)
    assert 0 <= min(errors) <= max(errors) < 2.5
    assert all(row["x_m"] for row in rows if row["registration_error_px"])


def test_who_stands_off_the_pitch_is_nobody(rows: list[dict[str, str]]) -> None:
    assert sum(float(row["y_m"]) < -3 for row in rows if row["y_m"]) < 0.2 * FRAMES
