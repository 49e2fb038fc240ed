"""Which track numbers are one person, as links tell."""

from collections.abc import Iterable


def find_heads(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The first track of a person, for each later one. Tracks of sound links come one after the other: no circles."""
    before = {later: earlier for earlier, later in pairs}
    heads = {}
    for track in before:
        head = track
        while head in before:
            head = before[head]
        heads[track] = head
    return heads


def find_relatives(track: int, pairs: Iterable[tuple[int, int]]) -> set[int]:
    """All tracks that are one person with ``track``, itself among them."""
    pairs = list(pairs)
    heads = find_heads(pairs)
    head = heads.get(track, track)
    return {head, *(later for later, its_head in heads.items() if its_head == head)}
