"""The whole way of a preview: uploaded, analysed and drawn by the bundled engine, and fetched like a player does."""

import io
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from tests.integration.grpc.clips import FIGURES, FRAMES, make_clip
from tests.integration.grpc.engine_process import run_engine
from tests.integration.worker.conftest import Club
from tests.unit.engine.drawn_match import WHITE
from tests.waiting import finished_job

AT = 30  # a frame that is analysed, counted from 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_coach_uploads_a_match_and_sees_everybody_framed(open_club: Callable[..., Club], tmp_path: Path) -> None:
    film = make_clip(tmp_path / "match.mp4").read_bytes()
    with run_engine() as engine:
        club = open_club(int(engine.address.rpartition(":")[2]))
        accepted = club.client.post(
            "/api/analyze_match",
            headers=club.headers,
            files={"file": film},
            data={"preview": "true", "frame_stride": "1"},
        ).json()
        job = finished_job(club.client, club.headers, accepted["job_id"])
    assert job["status"] == "COMPLETED", job
    whole = club.client.get(job["preview_url"], headers=club.headers)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "video/mp4")
    begin = club.client.get(job["preview_url"], headers=club.headers | {"Range": "bytes=0-4095"})
    assert (begin.status_code, begin.content) == (206, whole.content[:4096])
    assert b"moov" in begin.content  # a player knows all of the film after its first request
    with av.open(io.BytesIO(whole.content)) as container:
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert len(pictures) == FRAMES
    for figure in FIGURES:
        x, y = (round(place) for place in figure.foot(AT))
        around = pictures[AT].astype(np.int64)[y - 60 : y + 10, x - 20 : x + 20].reshape(-1, 3)
        yellow = (around[:, 1:].min(axis=1) - around[:, 0] > 60).sum()  # the frames of team A, whose shirts are white
        assert bool(yellow > 20) is (figure.shirt == WHITE)
