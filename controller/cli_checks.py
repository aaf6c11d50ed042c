"""The checks in `diemcau status` (R6, R7): how many of each result, what is not passed and why, what was tested.

Words only; the results are computed in core/checks.py and come with the running room's view (detail/checks).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Protocol

from controller.cli_look import tree
from controller.texts import known, result

RESULTS = ("passed", "failed", "not_made", "not_due", "not_applicable")
_TOLD = ("failed", "not_made")
"""What somebody should look at."""


class Speaker(Protocol):
    """What this needs of a `Sight` (cli_show)."""

    view: Mapping[str, object]
    names: dict[str, str]
    lang: str

    def say(self, code: str, *args: object) -> str: ...

    def clock(self, wall_ms: object, form: str = ...) -> str: ...

    def thing(self, target: str) -> str: ...


def lines(sight: Speaker) -> Iterator[str]:
    """Nothing in a room whose controller does not tell of checks."""
    part = tree(sight.view, "detail", "checks")
    now = tree(part, "now")
    if not now:
        return
    counts = Counter(str(tree(now, item).get("result")) for item in now)
    yield sight.say("status.checks", ", ".join(f"{_word(sight, r)} {counts[r]}" for r in RESULTS if counts[r]))
    for item in now:
        row = tree(now, item)
        if row.get("result") in _TOLD:
            yield f"  {_item(sight, item)}: {_row(sight, item, row)}"
    if part.get("rehearsal"):
        yield sight.say("R6.rehearsal")
    made = tree(part, "made")
    yield from (_made(sight, name, tree(made, name)) for name in made)


def _word(sight: Speaker, told: object) -> str:
    return sight.say(f"checked.{told}")


def _item(sight: Speaker, item: str) -> str:
    """A load or a seat by its label, another thing by its word, the rest as it is called in room.toml."""
    bare = item.partition(".")[2]
    return sight.names.get(bare, item) if item.startswith("seat.") else sight.thing(item)


def _row(sight: Speaker, item: str, row: Mapping[str, object]) -> str:
    parts = [_word(sight, row.get("result"))]
    if row.get("figure") is not None:
        parts.append(str(row["figure"]))
    why = str(row.get("why") or "")
    if why:
        parts.append(sight.say(f"checked.{why}") if known(f"checked.{why}") else result(why, item, sight.lang))
    return " · ".join(parts)


def _made(sight: Speaker, name: str, row: Mapping[str, object]) -> str:
    """`check.<uid>`: the day before; `check60.<uid>`: at T-60; `checked`: KIỂM TRA."""
    kind, _, uid = name.partition(".")
    failed = [_cause(sight, str(item)) for item in _items(row, "failed")]
    told = (
        ": ".join((_word(sight, row.get("result")), ", ".join(failed)))
        if failed
        else _word(sight, row.get("result"))
    )
    return sight.say(f"status.{kind}", sight.names.get(uid, uid), sight.clock(row.get("wall_ms")), told)


def _items(row: Mapping[str, object], name: str) -> tuple[object, ...]:
    found = row.get(name)
    return tuple(found) if isinstance(found, list | tuple) else ()


def _cause(sight: Speaker, item: str) -> str:
    """An item that failed, or the reason why nothing was made."""
    return sight.say(item) if item.startswith("R6.") else _item(sight, item)
