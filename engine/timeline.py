"""What was seen, held back until it can be told truly: smoothed with what came after, and with teams known.

A frame waits :data:`HOLD_S` for the frames that smooth it. At the start it waits longer, until the kits are known or
:data:`MAX_WAIT_FOR_KITS_S` have passed; memory is bounded by that.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.ball import BallSighting
from engine.chunks import FrameRows
from engine.identities import Identities
from engine.kinds import Kind
from engine.results import BallRow, Place, PlayerRow
from engine.teams import OTHER, Kit, find_kits, name_team
from engine.tracking.moved_frames import MovedFrames, Similarity
from engine.tracking.smoothing import WINDOW_S, Sample, smooth_at
from engine.tracking.stitching import Link
from engine.tracking.tracker import FORGET_AFTER_S, Match, Sighting, Track
from football.camera import PitchCamera

FloatArray = NDArray[np.float64]

HOLD_S = 0.5
LOOK_FOR_KITS_S = 10.0
MAX_WAIT_FOR_KITS_S = 30.0
_SURE_SHIRT = 0.6  # confidence from which a box is good enough to tell the colour of its shirt

_CLEAR_MAJORITY = 0.6


@dataclass(frozen=True, slots=True)
class View:
    """The camera of one frame, from video pixels, and how far it may be off: ``error_px``, None if not measured.

    Places of one ``shot`` go on from frame to frame; from one shot to the next they jump.
    """

    camera: PitchCamera
    error_px: float | None
    shot: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """One frame: the people seen, and the ball if it was seen; picture pixels.

    ``motion`` (2, 3) is how a moving camera shifted the picture since the last frame; ``view`` is known where the
    picture of such a camera tells where the pitch is.
    """

    people: list[Match]
    ball: BallSighting | None
    motion: FloatArray | None = None
    view: View | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    number: int
    time_s: float
    observation: Observation


class Timeline:
    """Holds frames back and turns them into rows in video pixels and metres.

    With a ``camera`` that stands for the whole video, pixels are smoothed and then placed. A moving one makes places of
    the pixels of each frame, by the view of that frame, and these are smoothed. Pixels of frames of a moving camera are
    smoothed where its motion has taken them: somebody who stands stays on the same blade of grass.
    """

    def __init__(self, camera: PitchCamera | None, scale: float) -> None:
        self.kits: list[Kit] = []
        self._camera, self._scale = camera, scale
        self._held: deque[_Held] = deque()
        self._frames = MovedFrames()
        self._ways: dict[float, Similarity] = {}  # from frames near the one that is told to that one
        self._samples: dict[Track, deque[Sample]] = defaultdict(deque)
        self._places: dict[tuple[Track, int], deque[Sample]] = defaultdict(deque)  # of each shot
        self._votes: dict[Track, Counter[str]] = defaultdict(Counter)
        self._kinds: dict[Track, Counter[Kind]] = defaultdict(Counter)
        self._identities = Identities()
        self._newest_s = 0.0
        self._look_for_kits_s = LOOK_FOR_KITS_S

    def add(self, number: int, time_s: float, observation: Observation) -> None:
        """Take the next frame."""
        self._held.append(_Held(number, time_s, observation))
        self._newest_s = time_s
        self._frames.add(time_s, observation.motion)
        for match in observation.people:
            self._samples[match.track].append(_to_sample(match.sighting, time_s))
            if match.sighting.kind is not None:
                self._kinds[match.track][match.sighting.kind] += 1
            self._add_place(match, time_s, observation.view)
            if self.kits:
                self._vote(match)

    def take_ready(self) -> Iterator[FrameRows]:
        """Rows of the frames that need not wait any more."""
        if not self.kits and self._newest_s >= self._look_for_kits_s:
            self._find_kits()
            self._look_for_kits_s = self._newest_s + LOOK_FOR_KITS_S
        hold_s = HOLD_S if self.kits else MAX_WAIT_FOR_KITS_S
        while self._held and self._held[0].time_s <= self._newest_s - hold_s:
            self._forget_ended(self._held[0].time_s)
            yield self._tell(self._held.popleft())

    def take_rest(self) -> Iterator[FrameRows]:
        """Rows of all frames that are left, at the end of the video."""
        if not self.kits:
            self._find_kits()
        while self._held:
            yield self._tell(self._held.popleft())

    def link_tracks(self) -> list[Link]:
        """Which tracks are one person; after the last frame."""
        return self._identities.link()

    def _find_kits(self) -> None:
        shirts: dict[int, list[FloatArray]] = defaultdict(list)
        sure = [match for match in self._confirmed() if match.sighting.confidence >= _SURE_SHIRT]
        for match in sure:
            shirts[match.track.number].append(match.sighting.shirt)
        if not shirts:
            return
        medians = np.array([np.median(seen, axis=0) for seen in shirts.values()])
        self.kits = find_kits(medians, np.array([float(len(seen)) for seen in shirts.values()]))
        for match in self._confirmed():
            self._vote(match)

    def _confirmed(self) -> list[Match]:
        return [match for held in self._held for match in held.observation.people if match.track.is_confirmed]

    def _vote(self, match: Match) -> None:
        if match.sighting.confidence >= _SURE_SHIRT:
            self._votes[match.track][name_team(match.sighting.shirt, self.kits)] += 1

    def _forget_ended(self, oldest_held_s: float) -> None:
        for track in [track for track in self._samples if track.seen_s < oldest_held_s - FORGET_AFTER_S]:
            del self._samples[track]
            self._votes.pop(track, None)
            self._kinds.pop(track, None)
            for shown in [shown for shown in self._places if shown[0] is track]:
                del self._places[shown]

    def _tell(self, held: _Held) -> FrameRows:
        self._identities.turn(held.observation.motion)
        self._ways = self._frames.find_ways(held.time_s, within_s=WINDOW_S)
        people = self._identities.choose([match for match in held.observation.people if match.track.is_confirmed])
        rows = tuple(self._tell_person(held, match) for match in people)
        for row, match in zip(rows, people, strict=True):
            self._identities.note(row, match.track, scale=self._scale)
        return FrameRows(held.number, rows, self._tell_ball(held), held.time_s)

    def _tell_person(self, held: _Held, match: Match) -> PlayerRow:
        x, y, width, height = _smooth(self._samples[match.track], held.time_s, self._ways) / self._scale
        kind = _find_kind(self._kinds[match.track])
        # A referee may wear what resembles a team's shirt; a goalkeeper's team is told by the place.
        team = OTHER if kind == Kind.REFEREE and self.kits else _find_winner(self._votes[match.track])
        return PlayerRow(
            held.number,
            held.time_s,
            match.track.number,
            team,
            self._place_person(held, match.track, float(x), float(y)),
            (float(x - width / 2), float(y - height), float(width), float(height)),
            match.sighting.confidence,
            kind=kind,
        )

    def _tell_ball(self, held: _Held) -> BallRow | None:
        ball = held.observation.ball
        if ball is None:
            return None
        x, y = ball.centre / self._scale
        place = _place(self._camera, float(x), float(y))
        view = held.observation.view
        if self._camera is None and view is not None:
            place = replace(_place(view.camera, float(x), float(y)), registration_error_px=view.error_px)
        return BallRow(held.number, held.time_s, place, ball.confidence)

    def _add_place(self, match: Match, time_s: float, view: View | None) -> None:
        if self._camera is None and view is not None:
            place = view.camera.to_pitch(match.sighting.foot[np.newaxis] / self._scale)[0]
            if np.isfinite(place).all():
                self._places[match.track, view.shot].append(Sample(time_s, place, _weigh(match.sighting)))

    def _place_person(self, held: _Held, track: Track, x_px: float, y_px: float) -> Place:
        view = held.observation.view
        if self._camera is not None or view is None:
            return _place(self._camera, x_px, y_px)
        places = self._places.get((track, view.shot))
        if not places or all(abs(one.time_s - held.time_s) > WINDOW_S for one in places):
            return Place(x_px, y_px)
        x_m, y_m = _smooth(places, held.time_s)
        return Place(x_px, y_px, float(x_m), float(y_m), view.error_px)


def _place(camera: PitchCamera | None, x_px: float, y_px: float) -> Place:
    if camera is None:
        return Place(x_px, y_px)
    x_m, y_m = camera.to_pitch(np.array([[x_px, y_px]]))[0]
    if not np.isfinite([x_m, y_m]).all():
        return Place(x_px, y_px)
    return Place(x_px, y_px, float(x_m), float(y_m))


def _smooth(samples: deque[Sample], time_s: float, ways: Mapping[float, Similarity] | None = None) -> FloatArray:
    """Values (K,) at ``time_s``; drops samples that are too old for it and for what comes after.

    Where there are ``ways`` to the frame at that time, samples take them, and those that have none do not count.
    """
    while samples[0].time_s < time_s - WINDOW_S:
        samples.popleft()
    if not ways:
        return smooth_at(list(samples), time_s)
    moved = [replace(one, values=ways[one.time_s].move(one.values)) for one in samples if one.time_s in ways]
    return smooth_at(moved, time_s)


def _find_winner(votes: Counter[str]) -> str:
    """Empty where nobody voted."""
    return max(votes, key=lambda word: votes[word]) if votes else ""


def _find_kind(votes: Counter[Kind]) -> str:
    """Empty where the detector cannot tell. Most people are players, so whoever is none must clearly be none."""
    if not votes:
        return ""
    winner = max(votes, key=lambda kind: votes[kind])
    return winner if votes[winner] >= _CLEAR_MAJORITY * votes.total() else Kind.PLAYER


def _to_sample(sighting: Sighting, time_s: float) -> Sample:
    x_min, _, x_max, _ = sighting.box
    values = np.array([*sighting.foot, x_max - x_min, sighting.height])
    return Sample(time_s, values, _weigh(sighting))


def _weigh(sighting: Sighting) -> float:
    return max(sighting.confidence, 0.05)
