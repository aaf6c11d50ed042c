"""The book of a commissioning: what was found for every item, by whom, when. Values and questions about them.

An item is the unit that survives a power cut: a finished one is never asked again, one that was interrupted begins
anew. Must not live here: files (cli_commission_files.py), steps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from controller.commission.talk import PASSED, Verdict
from hardware.contract import Value

VERSION = 1


class Unreadable(ValueError):
    """The text is no book of ours; begun anew, the room loses only time."""


@dataclass(frozen=True, slots=True)
class Result:
    """One finished item. `boot`: the Pi's life in which it was made. `logged`: the journal has it."""

    step: int
    item: str
    outcome: str
    figures: tuple[tuple[str, Value], ...] = ()
    defect: str = ""
    args: tuple[Value, ...] = ()
    by: str = ""
    wall_ms: int = 0
    boot: str = ""
    logged: bool = False

    @property
    def good(self) -> bool:
        return self.outcome == PASSED

    def figure(self, name: str) -> Value:
        return dict(self.figures).get(name)


@dataclass(frozen=True, slots=True)
class Book:
    """All results of one room, in the order in which they came."""

    room: str
    results: tuple[Result, ...] = ()

    def of(self, step: int, item: str) -> Result | None:
        return next((row for row in self.results if (row.step, row.item) == (step, item)), None)

    def step(self, step: int) -> tuple[Result, ...]:
        return tuple(row for row in self.results if row.step == step)

    def enter(self, step: int, item: str, verdict: Verdict, by: str, wall_ms: int, boot: str) -> Book:
        """One more result; an earlier one of the same item goes, the journal keeps it."""
        row = Result(step, item, verdict.outcome, verdict.figures, verdict.defect, verdict.args, by, wall_ms, boot)
        kept = tuple(old for old in self.results if (old.step, old.item) != (step, item))
        return replace(self, results=(*kept, row))

    def again(self, *steps: int) -> Book:
        """These steps are to be made anew."""
        return replace(self, results=tuple(row for row in self.results if row.step not in steps))

    def all_logged(self) -> Book:
        return replace(self, results=tuple(replace(row, logged=True) for row in self.results))

    def figures(self, step: int, name: str) -> dict[str, Value]:
        """Item → this figure, where it has one."""
        return {row.item: dict(row.figures)[name] for row in self.step(step) if name in dict(row.figures)}


def dumps(book: Book) -> str:
    """The book as text."""
    rows = [asdict(row) for row in book.results]
    return json.dumps({"v": VERSION, "room": book.room, "results": rows}, ensure_ascii=False, indent=1) + "\n"


def loads(text: str) -> Book:
    """The book of a text. Raises Unreadable."""
    try:
        plain = json.loads(text)
        if plain["v"] != VERSION:
            raise Unreadable("another version")
        return Book(str(plain["room"]), tuple(_row(row) for row in plain["results"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(str(error)) from error


def _row(plain: Mapping[str, Any]) -> Result:
    figures = tuple((str(name), _value(value)) for name, value in plain["figures"])
    return Result(**{**plain, "figures": figures, "args": tuple(_value(value) for value in plain["args"])})


def _value(plain: Any) -> Value:
    if isinstance(plain, list):
        return tuple(_value(row) for row in plain)
    return plain if isinstance(plain, bool | int | float | str) else None
