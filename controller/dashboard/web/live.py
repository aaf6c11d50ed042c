"""What every room is at this moment, as this process knows it: kept from LAST by watch.py, given as one answer and
as differences."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping

from controller.dashboard.collate import key
from controller.dashboard.compact import COLUMNS, STALE_MS, Body, Named, Row, difference, part, row


class Live:
    """All rooms by slug. `hear` and `name` note what is new, `changes` tells it once."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.units: list[list[object]] = []
        self.named: dict[str, Named] = {}
        self.version = 0
        self._parts: dict[str, dict[str, Row]] = {}
        self._touched: set[str] = set()
        self._packed: tuple[int, bytes] = (-1, b"")

    def hear(self, slug: str, name: str, body: Body, received_ms: int) -> None:
        self._parts.setdefault(slug, {})[name] = part(name, body, received_ms)
        self._touched.add(slug)

    def forget(self, slug: str, name: str) -> None:
        """The room took a word back: a last gasp that is over."""
        self._parts.get(slug, {}).pop(name, None)
        self._touched.add(slug)

    def name(self, named: Mapping[str, Named], units: Iterable[tuple[int, int | None, str, str]]) -> None:
        """The register as it is now: rooms by slug, units as (id, parent, kind, name)."""
        other = {slug for slug in named.keys() | self.named.keys() if named.get(slug) != self.named.get(slug)}
        tree: list[list[object]] = [list(unit) for unit in units]
        self.version += tree != self.units
        self.units, self.named = tree, dict(named)
        self._touched |= other

    def changes(self) -> tuple[dict[str, Row], list[str]]:
        """What is new since the last call: changed columns by slug, and rooms that are gone."""
        news: dict[str, Row] = {}
        gone: list[str] = []
        for slug in sorted(self._touched):
            named = self.named.get(slug)
            if (named is not None and named.retired) or (named is None and slug not in self._parts):
                gone += [slug] if self.rows.pop(slug, None) is not None else []
                continue
            made = row(slug, named, self._parts.get(slug, {}))
            if differs := difference(self.rows.get(slug), made):
                news[slug], self.rows[slug] = differs, made
        self._touched.clear()
        self.version += bool(news or gone)
        return news, gone

    def snapshot(self) -> bytes:
        """Everything as gzipped JSON: {"columns", "rows" by name, "units", "stale_ms"}; made anew only after a
        change."""
        if self._packed[0] != self.version:
            rows = [list(one.values()) for one in sorted(self.rows.values(), key=lambda one: key(str(one["name"])))]
            body = {"columns": COLUMNS, "rows": rows, "units": self.units, "stale_ms": STALE_MS}
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            self._packed = (self.version, gzip.compress(text.encode(), 3, mtime=0))
        return self._packed[1]
