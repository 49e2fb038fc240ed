from engine.chunks import Chunk
from engine.results import Kind
from engine.row_store import RowStore


def players(*frames: tuple[int, str], header: bool = False) -> Chunk:
    lines = "".join(f"{frame},0.0,{track}\n" for frame, track in frames)
    return Chunk(Kind.PLAYERS, 1, 1, ("frame,time_s,track\n" if header else "") + lines)


def tracks(store: RowStore, frame: int) -> list[str]:
    return [row["track"] for row in store.rows_of(frame)[Kind.PLAYERS]]


def test_each_frame_has_its_rows_whatever_chunk_they_came_in_and_none_where_there_are_none() -> None:
    with RowStore() as store:
        store.add(players((1, "a"), (1, "b"), (3, "a"), header=True))
        store.add(players((4, "c")))
        assert [tracks(store, frame) for frame in range(1, 7)] == [["a", "b"], [], ["a"], ["c"], [], []]


def test_frames_may_be_left_out() -> None:
    with RowStore() as store:
        store.add(players((1, "a"), (2, "b"), (3, "c"), (5, "d"), header=True))
        assert [tracks(store, frame) for frame in (3, 4, 5)] == [["c"], [], ["d"]]


def test_an_analysis_without_rows_has_none() -> None:
    with RowStore() as store:
        store.add(players(header=True))
        assert store.rows_of(1) == {Kind.PLAYERS: [], Kind.BALL: []}
