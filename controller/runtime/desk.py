"""The way to the centre: outbox, journal and link put together. Lives in the deciding thread; each call is short.

A row leaves the outbox only when the centre has acknowledged it (N13). Personal data never passes here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.core.instant import Instant
from controller.core.records import Reply
from controller.core.report import Tree
from controller.link import messages
from controller.link.link import Link
from controller.link.notices import Ack, Again, CalendarText, Down, Online, Refused
from controller.runtime.batch import Acked, Committed, Rows
from controller.runtime.chain import Entry
from controller.runtime.journal import Journal
from controller.runtime.outbox import Outbox
from hardware.contract import NEVER_MS


class Desk:
    """`calendar` gets iCalendar text from the centre; `note` what the link has to say for the journal."""

    def __init__(
        self,
        journal: Journal,
        link: Link | None,
        calendar: Callable[[CalendarText], None],
        note: Callable[[str, str], None],
    ) -> None:
        self._journal, self._link = journal, link
        self._calendar, self._note = calendar, note
        self._outbox = Outbox()

    @property
    def due_ms(self) -> int:
        """When `turn` has something to do by itself."""
        return self._outbox.wake_ms if self._link is not None else NEVER_MS

    def other(self, item: object, now: Instant) -> None:
        """What the core does not need to see."""
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
                self._calendar(item)
            case Online():
                self._outbox.up(now.mono_ms)
                self._note("link.online", item.via)
            case Down():
                self._outbox.down()
                self._note("link.down", item.code)
            case Refused():
                self._note("link.refused", f"{item.topic} {item.reason:#x}")
            case _:
                raise TypeError(f"nobody takes {type(item).__name__}")

    def turn(self, now: Instant) -> None:
        """Send what may be sent now, ask the journal for what comes next."""
        if self._link is None:
            return
        ready, ask = self._outbox.take(now.mono_ms)
        for publish in ready:
            self._link.record(messages.record(_line(publish.entry, publish.hist)))
            self._outbox.received(publish.entry.seq)  # the link has its own window; the centre's ack is what counts
        if ask is not None:
            self._journal.ask(ask)

    def answer(self, reply: Reply) -> None:
        """The answer to a command."""
        if self._link is not None:
            self._link.reply(reply)

    def publish(self, summary: Mapping[str, Tree], details: Mapping[str, Mapping[str, Tree]]) -> None:
        """Views that have changed; the link sends what differs from the last."""
        if self._link is None:
            return
        head = self._journal.head
        self._link.state({**summary, "seq": head.seq, "head": head.hash})
        for part, view in details.items():
            self._link.detail(part, view)


def _line(entry: Entry, hist: bool) -> messages.Line:
    return messages.Line(
        boot=entry.boot,
        seq=entry.seq,
        wall_ms=entry.wall_ms,
        mono_ms=entry.mono_ms,
        trust=entry.trust,
        kind=entry.kind,
        subject=entry.subject,
        priority=entry.priority,
        body=dict(entry.body),
        prev=entry.prev,
        hash=entry.hash,
        hist=hist,
    )
