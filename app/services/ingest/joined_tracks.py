"""Tracks that are one person, put together: the figures are then of the person, under the number of its first track."""

from collections.abc import Iterable
from dataclasses import replace
from math import isfinite

import polars as pl

from app.services.engine import TrackLink
from app.services.ingest.linked_tracks import find_heads
from app.services.ingest.samples import PlayerSamples


def sound_links(links: Iterable[TrackLink], players: PlayerSamples) -> tuple[TrackLink, ...]:
    """What can be believed of an engine's links: of tracks that there are, one after the other, each once on each side.

    A wrong link is no reason to refuse the figures: it is left out.
    """
    spans = players.frame.group_by("track").agg(first=pl.col("time_s").min(), last=pl.col("time_s").max())
    first = dict(zip(spans["track"].to_list(), spans["first"].to_list(), strict=True))
    last = dict(zip(spans["track"].to_list(), spans["last"].to_list(), strict=True))
    sound: dict[int, TrackLink] = {}
    left: set[int] = set()
    for link in links:
        known = link.from_track in last and link.to_track in first
        if not known or not last[link.from_track] < first[link.to_track]:
            continue
        if link.to_track not in sound and link.from_track not in left:
            left.add(link.from_track)
            confidence = min(1.0, max(0.0, link.confidence)) if isfinite(link.confidence) else 0.0
            sound[link.to_track] = replace(link, confidence=round(confidence, 3))
    return tuple(sound.values())


def join_tracks(players: PlayerSamples, pairs: Iterable[tuple[int, int]]) -> PlayerSamples:
    """The positions with one number for each person. ``pairs`` are (from, to) of sound links."""
    heads = find_heads(pairs)
    if not heads:
        return players
    numbers = pl.col("track").replace(list(heads), list(heads.values()))
    return replace(players, frame=players.frame.with_columns(numbers).sort("track", "frame"))
