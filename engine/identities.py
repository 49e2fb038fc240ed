"""Who is told in a frame, and which tracks are one person: all that is known of people beyond a single frame."""

import numpy as np
from numpy.typing import NDArray

from engine.results import PlayerRow
from engine.tracking.stitching import Glimpse, Link, Look, Stitcher
from engine.tracking.tracker import Match, Track

FloatArray = NDArray[np.float64]

MOST_PEOPLE = 25
"""Two teams of eleven (Law 3), a referee and two assistants (Laws 5 and 6). Of more people in a frame, the tracks that
are least sure are not told. Raising it lets coaches and ball boys in."""

_LEAST_ZOOM = 1e-4  # of areas
_STAYS = 0.1  # confidence by which a newcomer must be surer than somebody who was told in the last frame


class Identities:
    """One per video; it is shown each frame in turn."""

    def __init__(self) -> None:
        self._stitcher = Stitcher()
        self._told: set[Track] = set()
        self._from_first = np.eye(3)  # pixels of the first frame to pixels of this one
        self._camera_moves = False

    def choose(self, people: list[Match]) -> list[Match]:
        """Those of a frame's people who are told."""
        if len(people) > MOST_PEOPLE:
            surest = {match.track for match in sorted(people, key=self._standing, reverse=True)[:MOST_PEOPLE]}
            people = [match for match in people if match.track in surest]
        self._told = {match.track for match in people}
        return people

    def _standing(self, match: Match) -> float:
        return match.track.confidence + (_STAYS if match.track in self._told else 0.0)

    def turn(self, motion: FloatArray | None) -> None:
        """Before the people of a frame: how the camera moved since the last, (2, 3) from pixels to pixels."""
        if motion is not None:
            self._camera_moves = True
            moved = np.vstack([motion, [0.0, 0.0, 1.0]]) @ self._from_first
            # Wrong measurements at cuts add up; what lies before one is never compared with what lies after.
            self._from_first = moved if _LEAST_ZOOM < np.linalg.det(moved) < 1 / _LEAST_ZOOM else np.eye(3)

    def note(self, row: PlayerRow, track: Track, *, scale: float) -> None:
        """Take a person of this frame; ``scale`` is picture pixels per video pixel."""
        foot = np.array([row.foot.x_px, row.foot.y_px]) * scale
        linear, shift = self._from_first[:2, :2], self._from_first[:2, 2]
        zoom = float(np.sqrt(np.linalg.det(linear)))
        unmoved = np.asarray(np.linalg.solve(linear, foot - shift), dtype=np.float64)
        known = row.foot.x_m is not None and row.foot.y_m is not None
        glimpse = Glimpse(
            row.time_s,
            unmoved,
            row.box[3] * scale / zoom,
            np.array([row.foot.x_m, row.foot.y_m], dtype=np.float64) if known else None,
        )
        self._stitcher.see(row.track, glimpse, Look(track.shirt, row.team))

    def link(self) -> list[Link]:
        """After the last frame: which tracks are one person."""
        return self._stitcher.link(camera_moves=self._camera_moves)
