"""The way to the centre: outbox, journal and link put together. Lives in the deciding thread; each call is short.

A row leaves the outbox only when the centre has acknowledged it (N13). Personal data never passes here. Times of
day become RFC 3339 here: the core counts in milliseconds and knows no formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from controller.core.chain import Head
from controller.core.gasp import Gasp
from controller.core.instant import Instant
from controller.core.parts import Tree
from controller.core.records import Priority, Record, Reply
from controller.link import messages
from controller.link.notices import Ack, Again, CalendarText, CertificateText, Down, Online, Refused, Renewed
from controller.runtime.batch import Acked, Ask, Committed, Rows
from controller.runtime.outbox import Outbox
from hardware.contract import NEVER_MS

_TIMES = ("start", "end")
"""Keys whose whole numbers are Unix milliseconds, in the views that have them."""


CROWDED = 20
"""Records that the link may hold unsent. It drops what is beyond 64, and then the line would have told states while
evidence waits to be asked for again; and what matters more must not queue behind a minute of what matters less."""
LATER_MS = 250
"""Until it is looked again whether the link has room: a window of twenty is free in some round trips."""


class Book(Protocol):
    """What the desk needs of the journal."""

    @property
    def head(self) -> Head: ...

    def ack(self, boot: str, seq: int) -> None: ...

    def ask(self, ask: Ask) -> bool: ...


class Post(Protocol):
    """What the desk needs of the link; each returns at once, False = it was not taken."""

    @property
    def records_waiting(self) -> int: ...

    def record(self, payload: bytes) -> bool: ...

    def reply(self, answer: Reply) -> bool: ...

    def state(self, view: Mapping[str, messages.Tree]) -> bool: ...

    def detail(self, part: str, view: Mapping[str, messages.Tree]) -> bool: ...

    def gasp(self, payload: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears of what the link brings: iCalendar text; a sentence (code, arguments) for the service's log; a
    record for the journal; a certificate's text."""

    calendar: Callable[[CalendarText], None]
    note: Callable[[str, tuple[object, ...]], None]
    record: Callable[[Record], None]
    certificate: Callable[[str], None]


class Desk:
    """`link` None = the room works alone. `offset_ms`: the room's offset from UTC."""

    def __init__(self, journal: Book, link: Post | None, ears: Ears, offset_ms: int) -> None:
        self._journal, self._link = journal, link
        self._ears, self._offset_ms = ears, offset_ms
        self._outbox = Outbox()
        self._summary: Mapping[str, Tree] | None = None
        self._told_seq = -1
        self._later_ms = 0
        """Not before this is anything given to a link that is crowded."""
        self._news = True
        """The outbox has heard something since it was last asked what may go."""

    @property
    def due_ms(self) -> int:
        """When `turn` has something to do by itself."""
        return max(self._outbox.wake_ms, self._later_ms) if self._link is not None else NEVER_MS

    def other(self, item: object, now: Instant) -> None:
        """What the core does not need to see."""
        self._news = True
        match item:
            case Committed():
                self._outbox.committed(item.entries)
            case Acked():
                self._outbox.acked(item.seq, now.mono_ms)
            case Rows():
                self._outbox.rows(item)
            case Ack():
                self._journal.ack(item.boot, item.seq)
            case Again():
                self._outbox.again(item.first, item.last)
            case CalendarText():
                self._ears.calendar(item)
            case CertificateText():
                self._ears.certificate(item.text)
            case _:
                self._line(item, now)

    def _line(self, item: object, now: Instant) -> None:
        """The connection came, went, got a new certificate, or refused something (an incident: nobody has it)."""
        match item:
            case Online():
                self._outbox.up(now.mono_ms)
                self._ears.note("link.online", (item.via,))
            case Down():
                self._outbox.down()
                self._ears.note(f"link.down.{item.code}", (item.via,))
            case Refused():
                self._ears.note("link.refused", (item.topic,))
                body = (("reason", item.reason),)
                self._ears.record(Record("link.refused", item.topic, body, Priority.INCIDENT))
            case Renewed():
                self._ears.note("link.renewed", (messages.rfc3339(item.until * 1000, self._offset_ms),))
                told = (("serial", item.serial), ("until", item.until))
                self._ears.record(Record("identity", "renewed", told, Priority.EVIDENCE))
            case _:
                raise TypeError(f"nobody takes {type(item).__name__}")

    def turn(self, now: Instant) -> None:
        """Send what may be sent now, ask the journal for what comes next."""
        if self._link is None:
            return
        if self._link.records_waiting >= CROWDED:
            self._later_ms = now.mono_ms + LATER_MS
        elif self._news or now.mono_ms >= self._outbox.wake_ms:
            self._news, self._later_ms = False, 0
            while self._send(self._link, now):
                pass  # its own pace ends it; what it asks for and when to come back is known after the last
        if self._journal.head.seq != self._told_seq:
            self._tell()

    def _send(self, link: Post, now: Instant) -> bool:
        ready, ask = self._outbox.take(now.mono_ms)
        for publish in ready:
            link.record(messages.record(messages.line(publish.entry, publish.hist), self._offset_ms))
            self._outbox.received(publish.entry.seq)  # the link has its own window; the centre's ack is what counts
        if ask is not None:
            self._journal.ask(ask)
        return bool(ready)

    def answer(self, reply: Reply) -> None:
        """The answer to a command."""
        if self._link is not None:
            self._link.reply(reply)

    def gasp(self, gasp: Gasp, stamp: messages.Stamp) -> None:
        """The last gasp (N8), or, with nothing the matter, none: retained at the broker until then."""
        if self._link is not None:
            pct, meeting = gasp.battery_pct, gasp.meeting
            payload = messages.gasp(gasp.reason, battery_pct=pct, meeting=meeting, stamp=stamp)
            self._link.gasp(payload if gasp.reason else b"")

    def publish(self, summary: Mapping[str, Tree], details: Mapping[str, Mapping[str, Tree]]) -> None:
        """Views that have changed; the link sends what differs from the last."""
        if self._link is None:
            return
        meeting = summary.get("meeting")
        self._summary = {**summary, "meeting": self._timed(meeting)} if isinstance(meeting, Mapping) else summary
        self._tell()
        for part, view in details.items():
            self._link.detail(part, self._timed(view) if part == "schedule" else view)

    def _tell(self) -> None:
        """The summary with the newest entry's number and hash: whoever stores them proves the chain (N1)."""
        if self._link is not None and self._summary is not None:
            head = self._journal.head
            self._told_seq = head.seq
            self._link.state({**self._summary, "seq": head.seq, "head": head.hash})

    def _timed(self, view: Mapping[str, Tree]) -> dict[str, Tree]:
        return {key: self._time(key, value) for key, value in view.items()}

    def _time(self, key: str, value: Tree) -> Tree:
        if isinstance(value, Mapping):
            return self._timed(value)
        return messages.rfc3339(value, self._offset_ms) if key in _TIMES and type(value) is int else value
