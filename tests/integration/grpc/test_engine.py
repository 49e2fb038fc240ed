"""The bundled engine over the wire: a real process, real clips."""

import csv
import io
import signal
from itertools import zip_longest

import grpc
import numpy as np
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from contract import analysis_pb2, analysis_pb2_grpc
from contract.calibration_file import write_calibration
from contract.csv_columns import BALL_COLUMNS, PLAYER_COLUMNS
from football.camera import fit_homography
from scripts.make_sample_calibration import KEYPOINTS, fit, read_keypoints
from tests.conftest import SAMPLE_VIDEO
from tests.integration.grpc.clips import FIGURES, FRAMES, copy_frames, cut_clip, make_clip
from tests.integration.grpc.engine_process import analyse, join_film, join_rows, run_engine
from tests.unit.engine.drawn_match import WHITE
from tests.unit.engine.networks.colour_network import write_colour_network

PLAYERS, BALL = analysis_pb2.MetricsChunk.PLAYERS, analysis_pb2.MetricsChunk.BALL


@pytest.fixture(scope="module")
def engine():
    with run_engine("--workers", "2") as running:
        yield running


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("clips") / "drawn.mp4")


@pytest.fixture(scope="module")
def drawn(engine, clip):
    """The messages about all frames of the drawn clip, without a calibration."""
    messages, error = analyse(engine, clip, match_id="run-7", stride=1)
    assert error is None
    return messages


@pytest.fixture(scope="module")
def calibration(tmp_path_factory):
    pairs = read_keypoints(KEYPOINTS)
    path = tmp_path_factory.mktemp("calibration") / "calibration.yaml"
    write_calibration(path, camera=fit(pairs).camera, bare_homography=fit_homography(pairs.pixels, pairs.metres))
    return path


@pytest.fixture(scope="module")
def sample(engine, calibration, tmp_path_factory):
    """The messages about the first 40 frames of the sample, with its calibration."""
    video = cut_clip(SAMPLE_VIDEO, tmp_path_factory.mktemp("clips") / "sample.mp4", frames=40)
    messages, error = analyse(engine, video, calibration=calibration)
    assert error is None
    return messages


def rows_of(messages, kind) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(join_rows(messages, kind))))


def test_pending_comes_first_then_processing_then_completed(drawn):
    states = [message.status for message in drawn]
    assert states[0] == "PENDING"
    assert states[-1] == "COMPLETED"
    assert set(states[1:-1]) == {"PROCESSING"}
    assert {message.job_id for message in drawn} == {"run-7"}


def test_progress_never_goes_back_and_ends_at_one(drawn):
    progress = [message.progress for message in drawn]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert drawn[-1].frames_done == FRAMES


@pytest.mark.parametrize(("kind", "columns"), [(PLAYERS, PLAYER_COLUMNS), (BALL, BALL_COLUMNS)])
def test_the_header_stands_once_at_the_start_even_without_rows(drawn, kind, columns):
    chunks = [message.metrics for message in drawn if message.metrics.kind == kind]
    assert chunks[0].rows.decode().splitlines()[0] == ",".join(columns)
    assert join_rows(drawn, kind).count(",".join(columns)) == 1
    assert all(chunk.rows.endswith(b"\n") for chunk in chunks)


def test_chunks_follow_each_other_and_hold_the_frames_they_name(drawn):
    chunks = [message.metrics for message in drawn if message.metrics.kind == PLAYERS]
    assert [(chunk.first_frame, chunk.last_frame) for chunk in chunks] == [(1, 50), (51, FRAMES)]
    lines = chunks[1].rows.decode().splitlines()
    assert {int(line.split(",")[0]) for line in lines} == set(range(51, FRAMES + 1))


def test_the_result_counts_what_was_sent(drawn):
    result, players = drawn[-1].result, rows_of(drawn, PLAYERS)
    assert result.match_id == "run-7"
    assert result.report_id == ""
    assert result.total_frames == result.frames_processed == FRAMES
    assert result.player_rows == len(players)
    assert result.ball_rows == len(rows_of(drawn, BALL))
    assert result.players_tracked == len({row["track"] for row in players})
    assert (result.engine_name, result.engine_version) == ("coach-pro-network", "0.1.0")


def test_the_drawn_people_are_followed_where_they_walk(drawn):
    players = rows_of(drawn, PLAYERS)
    assert {row["track"] for row in players} == {str(number) for number in range(1, len(FIGURES) + 1)}
    seen = sorted((float(row["x_px"]), float(row["y_px"])) for row in players if row["frame"] == "31")
    assert seen == [pytest.approx(foot, abs=5) for foot in sorted(figure.foot(30) for figure in FIGURES)]


def test_the_drawn_teams_are_told_apart_and_named(drawn):
    assert [(kit.team, kit.colour_name) for kit in drawn[-1].result.team_kits] == [("A", "white"), ("B", "blue")]
    left_half = {row["team"] for row in rows_of(drawn, PLAYERS) if row["frame"] == "1" and float(row["x_px"]) < 320}
    assert left_half == {"B"}


def test_without_a_calibration_the_metre_cells_are_empty(drawn):
    assert {(row["x_m"], row["y_m"]) for row in rows_of(drawn, PLAYERS)} == {("", "")}


def test_the_sample_has_its_people_on_the_pitch_in_metres(sample):
    at_frame_21 = [row for row in rows_of(sample, PLAYERS) if row["frame"] == "21"]
    assert 15 <= len(at_frame_21) <= 20
    assert all(-1 <= float(row["x_m"]) <= 70 and -1 <= float(row["y_m"]) <= 69 for row in at_frame_21)
    keeper = min(at_frame_21, key=lambda row: float(row["x_m"]))
    assert (keeper["class"], keeper["team"]) == ("goalkeeper", "A")  # white, who defend that goal


def test_the_sample_teams_wear_white_and_blue(sample):
    names = {kit.team: kit.colour_name for kit in sample[-1].result.team_kits if kit.team != "other"}
    assert names == {"A": "white", "B": "blue"}


def test_time_comes_from_the_stamps_of_a_variable_rate(engine, tmp_path):
    stamps = [100 + number * 40 + (300 if number >= 30 else 0) for number in range(FRAMES)]
    clip = make_clip(tmp_path / "phone.mp4", times=stamps, time_base=1000)
    messages, error = analyse(engine, clip, stride=1)
    assert error is None
    times = {int(row["frame"]): float(row["time_s"]) for row in rows_of(messages, PLAYERS)}
    assert times[10] == pytest.approx(0.36)
    assert times[31] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("asked", "stride"), [pytest.param(0, 2, id="the engine's own choice at 25 frames per second"), (5, 5)]
)
def test_frames_that_are_left_out_are_no_losses(engine, clip, asked, stride):
    messages, error = analyse(engine, clip, stride=asked)
    assert error is None
    result, players = messages[-1].result, rows_of(messages, PLAYERS)
    analysed = range(1, FRAMES + 1, stride)
    assert (result.total_frames, result.frames_processed, result.frames_damaged) == (FRAMES, len(analysed), 0)
    assert {int(row["frame"]) for row in players} <= set(analysed)
    assert all(float(row["time_s"]) == pytest.approx((int(row["frame"]) - 1) / 25, abs=1e-3) for row in players)
    assert result.players_tracked == len(FIGURES)


def test_a_fixed_calibrated_camera_is_looked_at_by_the_network_in_each_second_frame(sample):
    result = sample[-1].result
    assert (result.total_frames, result.frames_processed) == (40, 20)
    assert result.engine_name == "coach-pro-network"


@pytest.mark.parametrize(
    ("request_of", "code", "status"),
    [
        pytest.param(
            lambda clip, folder: {"video": folder / "none.mp4"},
            "video_missing",
            grpc.StatusCode.NOT_FOUND,
            id="no such file",
        ),
        pytest.param(lambda clip, folder: {"video": folder}, "video_missing", grpc.StatusCode.NOT_FOUND, id="a folder"),
        pytest.param(
            lambda clip, folder: {"video": "http://127.0.0.1:9/video.mp4"},
            "video_missing",
            grpc.StatusCode.NOT_FOUND,
            id="an address",
        ),
        pytest.param(
            lambda clip, folder: {"video": write(folder / "text.mp4", b"no video")},
            "video_undecodable",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="text",
        ),
        pytest.param(
            lambda clip, folder: {"video": write(folder / "list.m3u8", PLAYLIST)},
            "video_undecodable",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="a playlist, which would fetch addresses",
        ),
        pytest.param(
            lambda clip, folder: {"video": write(folder / "cut.mp4", clip.read_bytes()[:2000])},
            "video_undecodable",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="cut off",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "calibration": folder / "none.yaml"},
            "calibration_invalid",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="no calibration file",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "calibration": write(folder / "c.yaml", b"homography_matrix: [1]")},
            "calibration_invalid",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="one number",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "threshold": 1.5},
            "confidence_threshold_invalid",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="threshold above 1",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "threshold": float("nan")},
            "confidence_threshold_invalid",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="threshold not a number",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "stride": 26},
            "frame_stride_invalid",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="stride above 25",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "stride": -1},
            "frame_stride_invalid",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="negative stride",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "model": folder / "none.onnx"},
            "model_unusable",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="no model file",
        ),
        pytest.param(
            lambda clip, folder: {"video": clip, "model": write(folder / "model.onnx", b"no network")},
            "model_unusable",
            grpc.StatusCode.INVALID_ARGUMENT,
            id="no model",
        ),
    ],
)
def test_a_failure_is_a_message_with_a_code_and_then_a_status(engine, clip, tmp_path, request_of, code, status):
    messages, error = analyse(engine, **request_of(clip, tmp_path))
    assert [messages[0].status, messages[-1].status] == ["PENDING", "FAILED"]
    assert messages[-1].error_code == code
    assert messages[-1].message.endswith(".")
    assert error.code() == status
    assert str(tmp_path) not in messages[-1].message + error.details()


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"


def write(path, content):
    path.write_bytes(content)
    return path


def test_a_damaged_middle_costs_only_the_damaged_frames(engine, clip, tmp_path):
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    messages, error = analyse(engine, write(tmp_path / "damaged.mp4", bytes(content)))
    assert error is None
    assert messages[-1].status == "COMPLETED"
    assert messages[-1].result.total_frames >= FRAMES // 2
    assert 0 < messages[-1].result.frames_damaged <= FRAMES


def test_a_higher_threshold_leaves_fewer_rows(engine, clip, drawn):
    messages, _ = analyse(engine, clip, threshold=0.999, stride=1)
    assert messages[-1].result.player_rows < drawn[-1].result.player_rows


def test_a_network_of_the_users_own_finds_what_it_was_made_to_find(engine, clip, tmp_path):
    """This one takes what is bright red for people: those in white, and not those in blue."""
    model = write_colour_network(tmp_path / "colours.onnx", names="{0: 'person'}")
    messages, error = analyse(engine, clip, model=model, threshold=0.45)
    assert error is None
    assert messages[-1].result.engine_name == "coach-pro-network"
    rows = rows_of(messages, PLAYERS)
    assert rows
    for row in rows:
        feet = [figure.foot(int(row["frame"]) - 1) for figure in FIGURES if figure.shirt == WHITE]
        assert min(np.hypot(float(row["x_px"]) - x, float(row["y_px"]) - y) for x, y in feet) < 60


def test_a_moving_camera_is_seen_by_our_network(engine, shared_data, tmp_path):
    """A television camera that pans fast; eleven people are in its picture at that moment."""
    clip = copy_frames(shared_data / "clips" / "laliga_broadcast.mp4", tmp_path / "cut.mp4", frames=range(420, 480))
    messages, error = analyse(engine, clip)
    assert error is None
    assert messages[-1].result.engine_name == "coach-pro-network"
    at_frame_49 = [row for row in rows_of(messages, PLAYERS) if row["frame"] == "49"]
    assert 9 <= len(at_frame_49) <= 14


def test_a_preview_comes_on_request_after_the_rows_and_progress_never_goes_back(engine, clip, drawn):
    assert (join_film(drawn), drawn[-1].result.preview_bytes) == (b"", 0)
    messages, error = analyse(engine, clip, match_id="run-7", stride=1, preview=True)
    assert error is None
    film = join_film(messages)
    assert film[4:8] == b"ftyp"
    assert messages[-1].result.preview_bytes == len(film)
    assert join_rows(messages, PLAYERS) == join_rows(drawn, PLAYERS)
    last_row = max(place for place, message in enumerate(messages) if message.HasField("metrics"))
    first_part = min(place for place, message in enumerate(messages) if message.HasField("preview"))
    assert last_row < first_part
    progress = [message.progress for message in messages]
    assert progress == sorted(progress)
    assert progress[last_row] <= 0.7 < progress[first_part] <= 1.0
    assert [message.frames_drawn for message in messages[: last_row + 1]] == [0] * (last_row + 1)
    assert messages[first_part].frames_drawn == messages[first_part].frames_done == FRAMES


def test_a_call_that_is_cancelled_while_the_preview_is_drawn_frees_its_place(tmp_path, clip):
    long = make_clip(tmp_path / "long.mp4", times=list(range(600)))
    with run_engine("--workers", "1") as engine, engine.connect() as channel:
        request = analysis_pb2.VideoRequest(video_path=str(long), match_id="long", frame_stride=25, preview=True)
        call = analysis_pb2_grpc.AnalysisEngineStub(channel).AnalyzeVideo(request)
        while not next(call).HasField("preview"):
            pass
        call.cancel()
        messages, error = analyse(engine, clip)
        assert error is None
        assert messages[-1].status == "COMPLETED"


def test_a_cancelled_call_frees_its_place(tmp_path, clip):
    with run_engine("--workers", "1") as engine, engine.connect() as channel:
        request = analysis_pb2.VideoRequest(video_path=str(SAMPLE_VIDEO), match_id="long")
        call = analysis_pb2_grpc.AnalysisEngineStub(channel).AnalyzeVideo(request)
        while next(call).frames_done == 0:
            pass
        call.cancel()
        messages, error = analyse(engine, clip)  # with one place, this can only run once the other has stopped
        assert error is None
        assert messages[-1].status == "COMPLETED"


def test_two_calls_at_once_keep_their_rows_apart(engine, clip, drawn):
    request = analysis_pb2.VideoRequest(video_path=str(clip), match_id="left", frame_stride=1)
    other = analysis_pb2.VideoRequest(video_path=str(clip), match_id="right", frame_stride=1)
    with engine.connect() as channel:
        stub = analysis_pb2_grpc.AnalysisEngineStub(channel)
        left, right = stub.AnalyzeVideo(request), stub.AnalyzeVideo(other)
        told = {"left": [], "right": []}
        for one, two in zip_longest(left, right):
            told["left"] += [one] if one is not None else []
            told["right"] += [two] if two is not None else []
    for match_id, messages in told.items():
        assert {message.job_id for message in messages} == {match_id}
        assert join_rows(messages, PLAYERS) == join_rows(drawn, PLAYERS)


@pytest.mark.parametrize("service", ["", "analysis.AnalysisEngine"])
def test_health_says_serving(engine, service):
    with engine.connect() as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_lists_and_describes_the_service(engine):
    with engine.connect() as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert {"analysis.AnalysisEngine", "grpc.health.v1.Health"} <= set(database.get_services())
        service = DescriptorPool(database).FindServiceByName("analysis.AnalysisEngine")
    assert service.methods[0].name == "AnalyzeVideo"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_engine_in_order_also_amid_a_call(number):
    with run_engine() as engine, engine.connect() as channel:
        request = analysis_pb2.VideoRequest(video_path=str(SAMPLE_VIDEO), match_id="m")
        call = analysis_pb2_grpc.AnalysisEngineStub(channel).AnalyzeVideo(request)
        next(call)
        engine.process.send_signal(number)
        assert engine.process.wait(timeout=30) == 0
        with pytest.raises(grpc.RpcError) as ended:
            list(call)
    assert ended.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}


def test_the_engine_ends_with_its_supervisor():
    with run_engine("--exit-with-stdin") as engine:
        engine.process.stdin.close()
        assert engine.process.wait(timeout=30) == 0
        engine.process.stdin = None
