"""Turn the hand-labelled pitch points of the sample video (CVAT XML) into the calibration that the REST API takes.

    python scripts/make_sample_calibration.py

The labels of the penalty area's corners say y = 14.84 and 53.16 m. By Law 1 a penalty area is 40.32 m wide, so on a
pitch of 68 m its corners lie at 13.84 and 54.16 m. The points themselves agree with the Law: with the labels corrected,
the worst residual of the fitted camera falls from 1.33 to 0.83 m. Nothing else is changed.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from football.camera import CameraFit, fit_camera, fit_homography
from football.pitch import PENALTY_AREA_WIDTH_M, STANDARD_PITCH

FloatArray = NDArray[np.float64]

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
KEYPOINTS = SAMPLES / "tsukuba_wide_left_keypoints.xml"
CALIBRATION = SAMPLES / "tsukuba_wide_left.calibration.json"
FRAME_SIZE = (3072, 1728)

_NEAR_CORNER_M = (STANDARD_PITCH.width_m + PENALTY_AREA_WIDTH_M) / 2
_FAR_CORNER_M = (STANDARD_PITCH.width_m - PENALTY_AREA_WIDTH_M) / 2
MISLABELLED_Y = {14.84: _FAR_CORNER_M, 53.16: _NEAR_CORNER_M}


@dataclass(frozen=True, slots=True)
class PointPairs:
    """``pixels`` and ``metres`` of the same points, (N, 2) each."""

    pixels: FloatArray
    metres: FloatArray

    def without(self, number: int) -> "PointPairs":
        others = np.arange(len(self.pixels)) != number
        return PointPairs(self.pixels[others], self.metres[others])


def read_keypoints(path: Path) -> PointPairs:
    """Read CVAT points whose label is their place in metres; the mislabelled corners come corrected."""
    pixels, metres = [], []
    for point in ET.parse(path).getroot().iter("points"):  # noqa: S314 - a file of this repository
        x_m, y_m = (float(number) for number in re.findall(r"[\d.]+", point.attrib["label"]))
        pixels.append([float(number) for number in point.attrib["points"].split(",")])
        metres.append([x_m, MISLABELLED_Y.get(y_m, y_m)])
    return PointPairs(np.array(pixels), np.array(metres).round(2))


def write_calibration(pairs: PointPairs, path: Path) -> None:
    """Write the pairs as the REST form field ``calibration`` wants them."""
    points = [
        {"pixel": pixel, "pitch": pitch}
        for pixel, pitch in zip(pairs.pixels.tolist(), pairs.metres.tolist(), strict=True)
    ]
    lines = ",\n".join("    " + json.dumps(point) for point in points)
    path.write_text(f'{{\n  "points": [\n{lines}\n  ]\n}}\n', encoding="utf-8")


def fit(pairs: PointPairs) -> CameraFit:
    return fit_camera(pairs.pixels, pairs.metres, frame_size=FRAME_SIZE)


def measure_left_out(pairs: PointPairs) -> FloatArray:
    """Errors in metres, (N,), of each point under the camera fitted to all the others."""
    errors = []
    for number in range(len(pairs.pixels)):
        camera = fit(pairs.without(number)).camera
        seen = camera.to_pitch(pairs.pixels[number : number + 1])
        errors.append(float(np.linalg.norm(seen - pairs.metres[number])))
    return np.array(errors)


def measure_bare_homography(pairs: PointPairs) -> FloatArray:
    """Errors in metres, (N,), of a homography that knows of no lens."""
    matrix = fit_homography(pairs.pixels, pairs.metres)
    projected = np.column_stack([pairs.pixels, np.ones(len(pairs.pixels))]) @ matrix.T
    return np.asarray(np.linalg.norm(projected[:, :2] / projected[:, 2:] - pairs.metres, axis=1), dtype=np.float64)


def describe(name: str, errors_m: FloatArray) -> str:
    rms = float(np.sqrt(np.mean(errors_m**2)))
    return f"{name:<32} median {np.median(errors_m):.2f} m, RMS {rms:.2f} m, max {errors_m.max():.2f} m"


def main() -> None:
    pairs = read_keypoints(KEYPOINTS)
    write_calibration(pairs, CALIBRATION)
    print(f"{len(pairs.pixels)} points")
    print(describe("camera with radial distortion", fit(pairs).errors_m))
    print(describe("the same, each point left out", measure_left_out(pairs)))
    print(describe("bare homography", measure_bare_homography(pairs)))


if __name__ == "__main__":
    main()
