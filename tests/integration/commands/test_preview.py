"""``python -m engine preview``: a video of what was found."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from tests.conftest import ROOT
from tests.integration.grpc.clips import FIGURES, FRAMES, make_clip
from tests.unit.engine.drawn_match import WHITE


def preview(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "engine", "preview", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_every_frame_is_shown_at_its_time_with_people_in_frames_of_their_teams_colours(tmp_path: Path) -> None:
    times = [2 * number for number in range(FRAMES)]
    video, out = make_clip(tmp_path / "match.mp4", times=times), tmp_path / "preview.mp4"
    answer = preview(video, "--out", out)
    assert answer.returncode == 0, answer.stderr
    assert f"{FRAMES} frames, {len(FIGURES)} tracks of {len(FIGURES)} people" in answer.stdout
    with av.open(str(out)) as container:
        frames = [(frame.time, frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]
    assert [time_s for time_s, _ in frames] == pytest.approx([time / 25 for time in times], abs=0.001)
    picture = frames[30][1].astype(np.int64)
    for figure in FIGURES:
        x, y = (round(place) for place in figure.foot(30))
        around = picture[y - 60 : y + 10, x - 20 : x + 20].reshape(-1, 3)
        yellow = (around[:, 1:].min(axis=1) - around[:, 0] > 60).sum()  # the frames of team A, whose shirts are white
        assert bool(yellow > 20) is (figure.shirt == WHITE)


def test_what_cannot_be_analysed_is_said_in_a_sentence(tmp_path: Path) -> None:
    answer = preview(tmp_path / "nothing.mp4", "--out", tmp_path / "preview.mp4")
    assert answer.returncode == 2
    assert "no video file" in answer.stderr
    assert not (tmp_path / "preview.mp4").exists()
