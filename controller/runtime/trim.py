"""Making room in a full journal: what goes first, and the entry that admits it (N13: bounded; N1: gaps are stated).

Lives here: the order of dropping and the ranges told. Must not live here: when (writer.py), files.

First what the centre has and is not evidence, then what only tells of states, evidence last. What is dropped is
named by ranges in an entry of its own, written together with the deletion, so that `verify` can tell a trim from
a theft. A trim's own entry is evidence: it goes only when everything before it has gone, and the range then told
begins at 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from controller.core.chain import KIND, Entry, head_of
from controller.core.records import Priority, Record
from controller.runtime.store import Store

ROWS = 500
"""Dropped at once: about 150 kB, more than comes in between two commits, and some ten milliseconds of work."""

RANGES = 100
"""Told by one entry: 2 kB of text. Telemetry between much evidence makes many ranges."""

_TIERS = (
    ("acknowledged", "seq <= {acked} AND priority >= 2"),
    ("acknowledged_incident", "seq <= {acked} AND priority = 1"),
    ("telemetry", "priority = 3"),
    ("state", "priority = 2"),
    ("incident", "priority = 1"),
    ("acknowledged_evidence", "seq <= {acked}"),
    ("evidence", "seq > 0"),
)


def trim(store: Store, seal: Callable[[Record], Entry]) -> Entry | None:
    """Drop up to ROWS entries of the least worth and append the entry that states it; None = nothing but the
    newest entry is left. Raises DiskError."""
    with store.transaction():
        reason, victims = _victims(store)
        if not victims:
            return None
        for first, last in _runs(victims):
            store.select("DELETE FROM entries WHERE seq BETWEEN ? AND ?", (first, last))
        ranges = tuple(dict.fromkeys(_widened(store, run) for run in _runs(victims)))
        body = (("reason", reason), ("count", len(victims)), ("ranges", ranges))
        entry = seal(Record(KIND, "trim", body, Priority.EVIDENCE))
        store.insert((entry,))
    store.head = head_of(entry)
    return entry


def _victims(store: Store) -> tuple[str, list[int]]:
    """The newest entry stays: the next one is linked to it, and the number of the next comes from it."""
    acked = store.notes.get("acked", 0)
    for reason, where in _TIERS:
        sql = f"SELECT seq FROM entries WHERE {where.format(acked=acked)} AND seq < ? ORDER BY seq LIMIT ?"
        found = [int(seq) for (seq,) in store.select(sql, (store.head.seq, ROWS))]
        if found:
            runs = _runs(found)[:RANGES]
            return reason, [seq for seq in found if seq <= runs[-1][1]]
    return "", []


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbours put together: 1 2 3 7 8 → (1, 3) (7, 8)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _widened(store: Store, run: tuple[int, int]) -> tuple[int, int]:
    """The whole hole that the run is now part of: so this entry also speaks for trims that it made obsolete."""
    below = store.select("SELECT coalesce(max(seq), 0) FROM entries WHERE seq < ?", (run[0],))
    above = store.select("SELECT min(seq) FROM entries WHERE seq > ?", (run[1],))
    return int(below[0][0]) + 1, int(above[0][0]) - 1
