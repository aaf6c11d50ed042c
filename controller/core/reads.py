"""What a rule has read through its View: by it recall.py knows who must be asked again. No behaviour."""

from __future__ import annotations

from typing import Any

WALL, CLOCK, NAMES, PRESSES, BOOKED, MEETINGS = "wall", "clock", "names", "presses", "booked", "meetings"
"""Kinds of things that are read as a whole: the wall clock's distance from the monotonic one, its trust and steps,
the names of the facts, the buttons, the meetings near and all of them."""
EVERY = ""
"""Read in place of a name: all marks, all of people's set-points."""


class Reads:
    """What was read through a View since it was last cleared: names by kind. `other` holds kinds, as above;
    `seen`: targets of whose track only what it shows was read, and most of its steps show nothing new; `older`:
    what `View.older` was asked and said. `now`: the present moment itself: the answer is old at once. `sets`: the
    names, by the order of `KINDS`."""

    KINDS = ("facts", "marks", "wishes", "tracks", "seen", "holds", "other", "older")
    __slots__ = (*KINDS, "now", "sets")

    def __init__(self) -> None:
        self.facts: set[str] = set()
        self.marks: set[str] = set()
        self.wishes: set[str] = set()
        self.tracks: set[str] = set()
        self.seen: set[str] = set()
        self.holds: set[str] = set()
        self.other: set[str] = set()
        self.older: set[tuple[str, int, bool]] = set()
        self.sets: tuple[set[Any], ...] = (
            self.facts,
            self.marks,
            self.wishes,
            self.tracks,
            self.seen,
            self.holds,
            self.other,
            self.older,
        )
        self.now = False

    def clear(self) -> None:
        """Nothing has been read yet."""
        for names in self.sets:
            names.clear()
        self.now = False
