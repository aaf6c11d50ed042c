"""What waits to be sent, and in which order: the last value of every retained topic, replies, records.

Pure: time is an argument. After each connect everything kept goes out in the order of life (birth, gasp,
state, update, details), then on change at most once per second and topic, and again now and then. Records
are the outbox's: here only those of this connection wait, and a lost connection forgets them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from controller.link.messages import Tree
from controller.link.settings import Times
from hardware.contract import NEVER_MS

REPLIES = 64
"""Answers waiting for a connection; their commands are long expired when more have gathered."""
REPLY_MS = 60_000
"""An answer older than this has no asker left: commands live 30 s."""
RECORDS = 64
"""Three seconds of the outbox's pace; more would only age here."""


class Kind(IntEnum):
    """What a letter is; the order is the order of life."""

    BIRTH = 0
    GASP = 1
    STATE = 2
    UPDATE = 3
    DETAIL = 4
    DISCOVERY = 5
    REPLY = 6
    RECORD = 7


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to publish. `body` is a view (to be stamped when it goes out) or finished bytes."""

    kind: Kind
    topic: str
    body: Mapping[str, Tree] | bytes
    correlation: bytes = b""

    @property
    def qos(self) -> int:
        """Details are refreshed anyway; everything else is acknowledged."""
        return 0 if self.kind is Kind.DETAIL else 1

    @property
    def retain(self) -> bool:
        """Answers and records are events, all else is the last value of something."""
        return self.kind < Kind.REPLY


@dataclass(slots=True)
class _Kept:
    letter: Letter
    dirty: bool = True
    sent_ms: int | None = None


class Shelf:
    """Takes what the loop hands over and gives the next letter that is due."""

    def __init__(self, times: Times) -> None:
        self._coalesce_ms = round(times.coalesce_s * 1000)
        refresh_ms = round(times.refresh_s * 1000)
        self._refresh_ms = {Kind.STATE: refresh_ms, Kind.DETAIL: round(times.detail_refresh_s * 1000)}
        self._kept: dict[str, _Kept] = {}
        self._first_ms: int | None = None
        """When the first of `_kept` is due; None = to be looked for. Most turns of the thread find nothing due."""
        self._replies: deque[tuple[int, Letter]] = deque(maxlen=REPLIES)
        self._records: deque[Letter] = deque()

    def keep(self, letter: Letter, *, again: bool = False) -> None:
        """Hold the last value of a retained topic; an equal one changes nothing, unless `again`."""
        kept = self._kept.get(letter.topic)
        if kept is None:
            kept = self._kept[letter.topic] = _Kept(letter)
            self._kept = dict(sorted(self._kept.items(), key=lambda item: item[1].letter.kind))
        elif again or kept.letter != letter:
            kept.letter, kept.dirty = letter, True
        if self._first_ms is not None:
            self._first_ms = min(self._first_ms, self._due_ms(kept))

    def renew(self) -> None:
        """Everything kept goes out once more, at once: a new connection, or the centre asked."""
        self._first_ms = None
        for kept in self._kept.values():
            kept.dirty, kept.sent_ms = True, None

    def forget_records(self) -> None:
        """The connection ended: the outbox hands them over anew."""
        self._records.clear()

    def answer(self, letter: Letter, now_ms: int) -> None:
        """Queue a reply; the oldest gives way."""
        self._replies.append((now_ms, letter))

    def record(self, letter: Letter) -> bool:
        """Queue a record; False when there is no room now."""
        if len(self._records) >= RECORDS:
            return False
        self._records.append(letter)
        return True

    @property
    def waiting(self) -> int:
        """Records that the connection has not taken yet. Any thread may look."""
        return len(self._records)

    @property
    def settled(self) -> bool:
        """Everything kept has gone out since `renew`."""
        return all(kept.sent_ms is not None for kept in self._kept.values())

    def take(self, now_ms: int, space: int) -> Letter | None:
        """The next letter that is due; `space`: how many acknowledged ones may still be in flight."""
        for kept in self._kept.values() if self._first() <= now_ms else ():
            if self._due_ms(kept) <= now_ms and (space > 0 or kept.letter.qos == 0):
                kept.dirty, kept.sent_ms = False, now_ms
                self._first_ms = None
                return kept.letter
        return self._queued(now_ms) if space > 0 else None

    def _queued(self, now_ms: int) -> Letter | None:
        while self._replies:
            asked_ms, letter = self._replies.popleft()
            if now_ms - asked_ms <= REPLY_MS:
                return letter
        return self._records.popleft() if self._records else None

    def wake_ms(self, space: int) -> int:
        """When `take` gives something; with no space only what needs none."""
        if space > 0:
            return 0 if self._replies or self._records else self._first()
        unacknowledged = (kept for kept in self._kept.values() if kept.letter.qos == 0)
        return min(map(self._due_ms, unacknowledged), default=NEVER_MS)

    def _first(self) -> int:
        if self._first_ms is None:
            self._first_ms = min(map(self._due_ms, self._kept.values()), default=NEVER_MS)
        return self._first_ms

    def _due_ms(self, kept: _Kept) -> int:
        if kept.sent_ms is None:
            return 0
        if kept.dirty:
            return kept.sent_ms + self._coalesce_ms
        refresh_ms = self._refresh_ms.get(kept.letter.kind)
        return kept.sent_ms + refresh_ms if refresh_ms else NEVER_MS
