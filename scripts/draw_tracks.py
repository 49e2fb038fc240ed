"""Draw the tracks of one frame into its picture, to judge an analysis by eye.

python scripts/draw_tracks.py VIDEO PLAYERS_CSV --frame 100 --out frame.png [--calibration points.json]
"""

import csv
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import av
import cv2
import numpy as np
import typer
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from football.camera import PitchCamera, fit_camera
from football.pitch import CENTRE_CIRCLE_RADIUS_M, PENALTY_AREA_DEPTH_M, PENALTY_AREA_WIDTH_M, STANDARD_PITCH

Picture = NDArray[np.uint8]
FloatArray = NDArray[np.float64]

_COLOURS = {"A": (0, 255, 255), "B": (255, 80, 0), "other": (255, 0, 255), "": (160, 160, 160)}  # blue, green, red


def main(
    video: Path,
    players_csv: Path,
    out: Annotated[Path, typer.Option(help="PNG to write.")],
    frame: Annotated[int, typer.Option(help="Number of the frame, from 1.")] = 1,
    calibration: Annotated[Path | None, typer.Option(help="JSON with points; draws the pitch lines.")] = None,
) -> None:
    """Draw boxes, foot points, track numbers and teams: A yellow, B blue, other magenta."""
    picture = read_frame(video, frame)
    if calibration is not None:
        draw_pitch(picture, read_camera(calibration, picture))
    for row in read_rows(players_csv, frame):
        draw_person(picture, row)
    cv2.imwrite(str(out), picture)


def read_frame(video: Path, number: int) -> Picture:
    with av.open(str(video)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for count, decoded in enumerate(container.decode(video=0), start=1):
            if count == number:
                return np.asarray(decoded.to_ndarray(format="bgr24"), dtype=np.uint8)
    raise typer.BadParameter(f"The video has no frame {number}.")


def read_rows(players_csv: Path, frame: int) -> Iterator[dict[str, str]]:
    with players_csv.open(encoding="utf-8", newline="") as lines:
        yield from (row for row in csv.DictReader(lines) if row["frame"] == str(frame))


def read_camera(calibration: Path, picture: Picture) -> PitchCamera:
    points = json.loads(calibration.read_text(encoding="utf-8"))["points"]
    pixels = np.array([point["pixel"] for point in points])
    metres = np.array([point["pitch"] for point in points])
    return fit_camera(pixels, metres, frame_size=(picture.shape[1], picture.shape[0])).camera


def draw_person(picture: Picture, row: dict[str, str]) -> None:
    colour = _COLOURS[row["team"]]
    left, top, width, height = (round(float(row[name])) for name in ("box_x", "box_y", "box_w", "box_h"))
    cv2.rectangle(picture, (left, top), (left + width, top + height), colour, 2)
    cv2.circle(picture, (round(float(row["x_px"])), round(float(row["y_px"]))), 3, (0, 0, 255), -1)
    cv2.putText(picture, row["track"], (left, top - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.8, colour, 2)


def draw_pitch(picture: Picture, camera: PitchCamera) -> None:
    for line in pitch_lines():
        seen = camera.to_image(line)
        # Far outside the view the distortion model folds back; such points do not survive the way there and back.
        returned = np.linalg.norm(camera.to_pitch(seen) - line, axis=1) < 0.01
        visible = seen[returned & (np.abs(seen) < 2 * max(picture.shape)).all(axis=1)]
        cv2.polylines(picture, [np.rint(visible).astype(np.int32)], isClosed=False, color=(0, 0, 255), thickness=1)


def pitch_lines() -> Iterator[FloatArray]:
    """Outline, halfway line, penalty areas and centre circle as point chains (N, 2), metres; a lens bends them."""
    length, width = STANDARD_PITCH.length_m, STANDARD_PITCH.width_m
    near, far = (width - PENALTY_AREA_WIDTH_M) / 2, (width + PENALTY_AREA_WIDTH_M) / 2
    corners = [
        [(0, 0), (length, 0), (length, width), (0, width), (0, 0)],
        [(length / 2, 0), (length / 2, width)],
        [(0, near), (PENALTY_AREA_DEPTH_M, near), (PENALTY_AREA_DEPTH_M, far), (0, far)],
        [
            (length, near),
            (length - PENALTY_AREA_DEPTH_M, near),
            (length - PENALTY_AREA_DEPTH_M, far),
            (length, far),
        ],
    ]
    for chain in corners:
        yield np.vstack([np.linspace(start, end, 100) for start, end in pairwise(chain)])
    angles = np.linspace(0, 2 * np.pi, 100)
    yield np.array([length / 2, width / 2]) + CENTRE_CIRCLE_RADIUS_M * np.column_stack([np.cos(angles), np.sin(angles)])


if __name__ == "__main__":
    typer.run(main)
