"""Tracking apart from detection: boxes that people drew, made as faulty as those of a detector."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.boxes import overlaps
from engine.evaluation.scores import MIN_OVERLAP
from engine.ground import Ground
from engine.tracking.stitching import Glimpse, Link, Look, Stitcher, find_heads
from engine.tracking.tracker import Box, Match, Sighting, Track, Tracker
from football.camera import PitchCamera, fit_camera

FloatArray = NDArray[np.float64]
Boxes = dict[int, Box]

PANORAMA_FPS = 25.0
PANORAMA_SIZE = (6500, 1000)
_BALL = 23  # its identity in the ground truth of the panorama

MISSED = 0.05
"""How often a person in the open is missed in a frame."""
MISSED_BEHIND = 0.5
"""How often a person is missed of whose box others that stand nearer cover :data:`COVERED` or more."""
COVERED = 0.4
JITTER = 0.05
"""Standard deviation of each edge, in widths and heights of the box."""
FALSE_ALARMS = 0.5
"""Boxes per frame where nobody is."""
ABSENCES_PER_S = 1 / 15
"""How often a person is not seen at all for a while, where the stitching is scored."""
ABSENCE_S = (1.0, 4.0)
"""Shortest and longest of these."""
_NEUTRAL_SHIRT = np.array([50.0, 0.0, 0.0])  # there is no picture, so colour tells nobody from anybody


@dataclass(frozen=True, slots=True)
class TruthFrame:
    """``boxes`` (N, 4) of x_min, y_min, x_max, y_max in pixels, and the identities (N,) of the people in them."""

    number: int
    ids: NDArray[np.int64]
    boxes: FloatArray


@dataclass(frozen=True, slots=True)
class TrackingScore:
    """Measures of the field; the best is 1. ``tracks`` is how many identities were given."""

    frames: int
    people: int
    tracks: int
    hota: float
    idf1: float
    mota: float
    switches: int


@dataclass(frozen=True, slots=True)
class StitchingScore:
    """Before and after; ``wrong_links`` of all ``links`` join tracks of two people."""

    before: TrackingScore
    after: TrackingScore
    links: int
    wrong_links: int


@dataclass(frozen=True, slots=True)
class _Followed:
    """The boxes of each frame by the number of their track, and which tracks are one person."""

    frames: list[Boxes]
    links: list[Link]


def read_panorama(path: Path) -> list[TruthFrame]:
    """The ground truth of the Tsukuba panorama, without the ball."""
    with gzip.open(path, "rt", newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row["id"]) != _BALL]
    rows.sort(key=lambda row: int(row["frame"]))
    return [_frame(number, list(group)) for number, group in groupby(rows, key=lambda row: int(row["frame"]))]


def read_panorama_camera(path: Path) -> PitchCamera:
    """The camera of the panorama, by points of the pitch: pixels by the name "(x, y)" in metres."""
    points = json.loads(path.read_text(encoding="utf-8"))
    metres = np.array([name.strip("()").split(",") for name in points], dtype=np.float64)
    return fit_camera(np.array(list(points.values())), metres, frame_size=PANORAMA_SIZE).camera


def _frame(number: int, rows: list[dict[str, str]]) -> TruthFrame:
    corners = np.array([[float(row[name]) for name in ("bb_left", "bb_top", "bb_width", "bb_height")] for row in rows])
    corners[:, 2:] += corners[:, :2]
    return TruthFrame(number, np.array([int(row["id"]) for row in rows], dtype=np.int64), corners)


def score_tracking(truth: list[TruthFrame], *, seed: int = 0, camera: PitchCamera | None = None) -> TrackingScore:
    """Let the tracker follow faulty boxes, and compare with the true ones by the measures of the MOT Challenge.

    With a ``camera`` it knows where the pitch is.
    """
    return _score(truth, _follow(truth, np.random.default_rng(seed), camera).frames)


def score_stitching(truth: list[TruthFrame], *, seed: int = 0, camera: PitchCamera | None = None) -> StitchingScore:
    """The same with people who are away for seconds, before and after broken tracks are linked."""
    random = np.random.default_rng(seed)
    followed = _follow(_hide(truth, random), random, camera)
    whose = _find_owners(truth, followed.frames)
    wrong = sum(whose.get(link.from_track) != whose.get(link.to_track) for link in followed.links)
    heads = find_heads(followed.links)
    stitched = [{heads.get(track, track): box for track, box in frame.items()} for frame in followed.frames]
    return StitchingScore(_score(truth, followed.frames), _score(truth, stitched), len(followed.links), wrong)


def _score(truth: list[TruthFrame], followed: list[Boxes]) -> TrackingScore:
    import motrics  # noqa: PLC0415 - an extra that only this needs

    result = motrics.evaluate(
        motrics.Frames(ids=[frame.ids.tolist() for frame in truth], boxes=[frame.boxes for frame in truth]),
        motrics.Frames(ids=[list(frame) for frame in followed], boxes=[list(frame.values()) for frame in followed]),
    )
    return TrackingScore(
        frames=len(truth),
        people=len({number for frame in truth for number in frame.ids.tolist()}),
        tracks=len({number for frame in followed for number in frame}),
        hota=result.hota.hota,
        idf1=result.identity.idf1,
        mota=result.clear.mota,
        switches=result.clear.num_switches,
    )


def _hide(truth: list[TruthFrame], random: np.random.Generator) -> list[TruthFrame]:
    """Everybody is away now and then: without their boxes, as a detector would find nobody."""
    away_until: dict[int, int] = {}
    seen = []
    for frame in truth:
        for person in frame.ids.tolist():
            if away_until.get(person, -1) < frame.number and random.random() < ABSENCES_PER_S / PANORAMA_FPS:
                away_until[person] = frame.number + int(random.uniform(*ABSENCE_S) * PANORAMA_FPS)
        there = np.array([away_until.get(person, -1) < frame.number for person in frame.ids.tolist()], dtype=np.bool_)
        seen.append(TruthFrame(frame.number, frame.ids[there], frame.boxes[there]))
    return seen


def _find_owners(truth: list[TruthFrame], followed: list[Boxes]) -> dict[int, int]:
    """Whose box each track mostly had; a track that had nobody's is left out."""
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    for frame, boxes in zip(truth, followed, strict=True):
        if not boxes or not len(frame.ids):
            continue
        shared = overlaps(np.array(list(boxes.values())), frame.boxes)
        for track, row in zip(boxes, shared, strict=True):
            if row.max() >= MIN_OVERLAP:
                votes[track][int(frame.ids[row.argmax()])] += 1
    return {track: counter.most_common(1)[0][0] for track, counter in votes.items()}


def _follow(truth: list[TruthFrame], random: np.random.Generator, camera: PitchCamera | None) -> _Followed:
    """The boxes of each frame by the number of their track; those of tracks that were never confirmed do not count."""
    tracker, stitcher = Tracker(), Stitcher()
    ground = None if camera is None else Ground(camera, scale=1.0)
    matches: list[list[tuple[Match, Glimpse]]] = []
    for frame in truth:
        sightings = [Sighting(_box(box), 1.0, _NEUTRAL_SHIRT) for box in _spoil(frame.boxes, random)]
        seen = tracker.update(sightings, frame.number / PANORAMA_FPS, ground=ground)
        matches.append([(match, _glimpse(match.track, frame, camera)) for match in seen])
    told = [[(match, glimpse) for match, glimpse in frame if match.track.is_confirmed] for frame in matches]
    for match, glimpse in chain.from_iterable(told):
        stitcher.see(match.track.number, glimpse, Look(_NEUTRAL_SHIRT))
    return _Followed(
        [{match.track.number: match.sighting.box for match, _ in frame} for frame in told], stitcher.link()
    )


def _glimpse(track: Track, frame: TruthFrame, camera: PitchCamera | None) -> Glimpse:
    """Where the tracker takes a person to be, which is steadier than the box, as the rows of the engine are."""
    foot = track.state.mean[:2]
    place = None if camera is None else camera.to_pitch(foot[np.newaxis])[0]
    known = place is not None and np.isfinite(place).all()
    return Glimpse(frame.number / PANORAMA_FPS, foot, track.height, place if known else None)


def _spoil(boxes: FloatArray, random: np.random.Generator) -> FloatArray:
    """Boxes (N, 4) as a detector finds them: some people are missed, edges shake, some boxes are of nobody."""
    missed = np.where(_covered(boxes) >= COVERED, MISSED_BEHIND, MISSED)
    seen = boxes[random.random(len(boxes)) >= missed]
    sides = np.tile(seen[:, 2:] - seen[:, :2], 2)
    shaken = seen + JITTER * sides * random.standard_normal(seen.shape)
    return np.concatenate([shaken, _false_alarms(boxes, random)])


def _false_alarms(boxes: FloatArray, random: np.random.Generator) -> FloatArray:
    """Boxes of a usual size anywhere among the people."""
    count = random.poisson(FALSE_ALARMS)
    places = random.uniform(boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0), (count, 2))
    sizes = (boxes[:, 2:] - boxes[:, :2])[random.integers(len(boxes), size=count)]
    return np.concatenate([places - sizes / 2, places + sizes / 2], axis=1)


def _covered(boxes: FloatArray) -> FloatArray:
    """The largest share (N,) of each box that somebody covers who stands nearer, so with feet lower in the picture."""
    sides = np.minimum(boxes[:, np.newaxis, 2:], boxes[:, 2:]) - np.maximum(boxes[:, np.newaxis, :2], boxes[:, :2])
    shares = np.prod(np.clip(sides, 0.0, None), axis=-1) / np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)[:, np.newaxis]
    is_nearer = boxes[:, 3] > boxes[:, 3, np.newaxis]
    return np.asarray(np.where(is_nearer, shares, 0.0).max(axis=1, initial=0.0), dtype=np.float64)


def _box(row: FloatArray) -> tuple[float, float, float, float]:
    x_min, y_min, x_max, y_max = row.tolist()
    return x_min, y_min, x_max, y_max
