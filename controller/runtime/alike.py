"""Do two states show the same? Asked at rest, where every rule is asked some times a minute and says what it said
before: then the full views, which cost more than the rules, need not be made to be found equal.

Pure. What the passing of time alone changes in a view is not seen here: the loop looks for it now and then.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.state import Fact, State

_UNSEEN = {"facts", "wake_ms", "refusals", "answered"}
"""Compared otherwise, or in no view."""


def alike(old: State, new: State) -> bool:
    """Equal but for when facts were heard last, and when the core wants to run next."""
    rows = zip(State._fields, old, new, strict=True)
    return all(a is b or name in _UNSEEN or a == b for name, a, b in rows) and _same(old.facts, new.facts)


def _same(old: Mapping[str, Fact], new: Mapping[str, Fact]) -> bool:
    if old is new:
        return True
    return old.keys() == new.keys() and all(
        fact is new[name] or _says(fact, new[name]) for name, fact in old.items()
    )


def _says(old: Fact, new: Fact) -> bool:
    known = old.quality is new.quality and old.since_ms == new.since_ms
    return known and type(old.value) is type(new.value) and old.value == new.value
