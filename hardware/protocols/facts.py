"""What is to be reported of one source: the last word on each field, and which words are fresh.

Law: pure. A field is reported when it was heard; a field that only events can tell (`held`) is reported with
every round of answered inquiries, because a device that answers would have told its change.
"""

from __future__ import annotations

from collections.abc import Iterable

from hardware.contract import Reading, Value


class Facts:
    """The fields of one source; `changed` when a reading should go out at once."""

    def __init__(self, source: str, held: Iterable[str] = ()) -> None:
        self.source = source
        self._held = frozenset(held)
        self._values: dict[str, Value] = {}
        self._fresh: set[str] = set()
        self.changed = False

    def get(self, field: str) -> Value:
        """The last word on `field`; None when unknown."""
        return self._values.get(field)

    def put(self, field: str, value: Value) -> None:
        """The device said so now."""
        if field not in self._values or self._values[field] != value:
            self._values[field] = value
            self.changed = True
        self._fresh.add(field)

    def forget(self, fields: Iterable[str]) -> None:
        """The device can no longer say: these become unknown (None), where they were known."""
        for field in fields:
            if self._values.get(field) is not None:
                self.put(field, None)

    def confirm(self) -> None:
        """The device answered: what only events tell still holds."""
        self._fresh |= self._held & self._values.keys()

    def reading(self, at_ms: int) -> Reading | None:
        """The fresh fields, in a fixed order, or None; nothing is fresh afterwards."""
        if not self._fresh:
            return None
        values = tuple((field, self._values[field]) for field in sorted(self._fresh))
        self._fresh.clear()
        self.changed = False
        return Reading(self.source, values, at_ms)
