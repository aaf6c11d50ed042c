"""Laws of what is said of people (R19, R21): nothing that is not so.

As in laws.py: looked at after every step, in the world's truth; a yielded line is a violation.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.instant import Instant
from controller.core.state import Outcome, State
from controller.simulation.truth import Truth, world_ms


class NobodyIsNobody:
    """R21: whoever is asked where people are finds that nobody has been there for ten minutes; and is asked once a
    meeting."""

    def __init__(self) -> None:
        self._seen_ms = 0
        self._asked: set[object] = set()

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        at_ms = world_ms(now, truth)
        if truth.people():
            self._seen_ms = at_ms
        for record in outcome.records:
            said = record.kind == "alert" and dict(record.body)["alert"] == "unseen"
            if said and at_ms - self._seen_ms < truth.room.presence.empty_ms:
                yield f"nobody is said to be there, and there were people {at_ms - self._seen_ms} ms ago"
            if record.kind == "noted" and (record.subject[:7], dict(record.body)["value"]) == ("unseen.", "asked"):
                if record.subject in self._asked:
                    yield f"asked twice where the people of {record.subject} are"
                self._asked.add(record.subject)


class NoMoreThanThere:
    """R19: the peak of a meeting is no more than ever sat there, and the limit is passed when it is said to be."""

    def __init__(self) -> None:
        self._most = 0

    def __call__(self, _before: State, outcome: Outcome, _now: Instant, truth: Truth) -> Iterator[str]:
        self._most = max(self._most, truth.people())
        for record in outcome.records:
            body = dict(record.body)
            if record.kind == "alert" and body["alert"] == "people_over" and self._most <= _limit(truth):
                yield f"more than the limit are said to be there, and never more than {self._most} were"
            if record.kind == "noted" and record.subject.startswith("people."):
                peak, most, self._most = body["value"], self._most, truth.people()
                if isinstance(peak, int) and peak > most:
                    yield f"{record.subject}: {peak} counted, {most} there"


def _limit(truth: Truth) -> int:
    return truth.room.presence.people_max
