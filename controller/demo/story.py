"""What the demo has seen: one stream of sightings from the centre's MQTT client, the keeper's true pins and the far
ends themselves, and the latest picture of each.

Pure; time is in the sightings: ms of the machine's monotonic clock since its boot, which controller, keeper and
demo share. Nothing that the demo itself wished is kept here but its acts, by name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

RECORDS_MAX = 5_000
"""Ten demo days; the view shows a dozen."""
TRUTHS_MAX = 20_000

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting. `source`: record state detail status line truth act process; `name`: the record's kind, the
    detail's part, the line's name, `codec.muted` and the like."""

    at_ms: int
    source: str
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Record:
    """A journal record as the centre got it; `at_ms` is the room's own time of it."""

    at_ms: int
    boot: str
    seq: int
    kind: str
    subject: str
    body: Body
    prev: str
    hash: str
    at: str = ""


@dataclass(slots=True)
class Story:
    """Everything seen so far. `edges`: changes of the loads' lines; `truths`: changes at the far ends and acts."""

    loads: frozenset[str] = frozenset()
    lines: dict[str, bool] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: str = ""
    truth: dict[str, Any] = field(default_factory=dict)
    processes: dict[str, int] = field(default_factory=dict)
    records: deque[Record] = field(default_factory=lambda: deque(maxlen=RECORDS_MAX))
    edges: deque[Seen] = field(default_factory=lambda: deque(maxlen=RECORDS_MAX))
    truths: deque[Seen] = field(default_factory=lambda: deque(maxlen=TRUTHS_MAX))
    _known: set[tuple[str, int]] = field(default_factory=set)

    def add(self, seen: Seen) -> None:
        """Take one sighting in; of an unknown source it raises KeyError."""
        _TAKE[seen.source](self, seen)

    # ---- looking

    def told(self, kind: str, subject: str = "", since_ms: int = 0, **body: object) -> Iterator[Record]:
        """Records of a kind, oldest first; `body` names values that they must have."""
        for record in self.records:
            if record.kind != kind or record.at_ms < since_ms or subject not in ("", record.subject):
                continue
            if all(record.body.get(key) == value for key, value in body.items()):
                yield record

    def has(self, kind: str, subject: str = "", since_ms: int = 0, **body: object) -> bool:
        return next(self.told(kind, subject, since_ms, **body), None) is not None

    def switched(self, on: bool, since_ms: int = 0) -> list[Seen]:
        """Edges of the loads' true lines in one direction."""
        return [edge for edge in self.edges if edge.value is on and edge.at_ms >= since_ms]

    def when(self, name: str, value: object, since_ms: int = 0) -> int | None:
        """When a truth first became `value`."""
        at = (seen.at_ms for seen in self.truths if seen.name == name and seen.value == value)
        return next((at_ms for at_ms in at if at_ms >= since_ms), None)

    def always(self, name: str, value: object, since_ms: int) -> bool:
        """The truth has been `value` ever since."""
        changed = any(seen.name == name and seen.value != value and seen.at_ms >= since_ms for seen in self.truths)
        return self.truth.get(name) == value and not changed

    # ---- taking in

    def _record(self, seen: Seen) -> None:
        body = seen.value
        key = (str(body.get("boot")), int(body.get("seq", 0)))
        if key in self._known:
            return
        self._known.add(key)
        at_ms = round(float(body.get("mono_s", 0)) * 1000)
        words = [str(body.get(name, "")) for name in ("kind", "subject", "prev", "hash", "at")]
        kind, subject, prev, digest, at = words
        self.records.append(Record(at_ms, *key, kind, subject, body.get("body") or {}, prev, digest, at))

    def _line(self, seen: Seen) -> None:
        before = self.lines.get(seen.name)
        self.lines[seen.name] = seen.value
        if before is not None and before != seen.value and seen.name in self.loads:
            self.edges.append(seen)

    def _truth(self, seen: Seen) -> None:
        if seen.name not in self.truth or self.truth[seen.name] != seen.value:
            self.truth[seen.name] = seen.value
            self.truths.append(seen)

    def _act(self, seen: Seen) -> None:
        self.truths.append(Seen(seen.at_ms, "act", f"act.{seen.name}", True))

    def _state(self, seen: Seen) -> None:
        self.state = seen.value

    def _detail(self, seen: Seen) -> None:
        self.details[seen.name] = seen.value

    def _status(self, seen: Seen) -> None:
        self.status = seen.value

    def _process(self, seen: Seen) -> None:
        self.processes[seen.name] = seen.value


_TAKE = {
    "record": Story._record,
    "state": Story._state,
    "detail": Story._detail,
    "status": Story._status,
    "line": Story._line,
    "truth": Story._truth,
    "act": Story._act,
    "process": Story._process,
}
