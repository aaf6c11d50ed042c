"""The desk of a text line: many scripts may be under way, one command at a time is out.

Law: no I/O, no clock, and nothing about what is asked: time comes in, and who may speak is the host's word.
Why a desk: the port has no flow control and takes one command at a time (Polycom Integrator's Reference
Manual, "Using the API"), while a dialled call is awaited for half a minute and polling goes on meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from hardware.contract import NEVER_MS, Order, Result, Stage
from hardware.protocols.script import Ask, End, Reply, Script, Tell, Until

GAP_MS: Final = 200
"""Least time between two commands (Integrator's Reference Manual)."""
NUDGE_MS: Final = 2_500
"""Silence after which a harmless inquiry is sent behind a command: real firmware may hand out an answer only
together with the next one (seen), and a plain reply takes a few hundred milliseconds at 9600 Bd."""
PART_MS: Final = 1_000
"""A block without an end mark is over when it pauses this long: ten line times at 9600 Bd."""
MAX_FOREIGN: Final = 60
"""Foreign lines borne while waiting: two banners and a burst of call events; more is a stuck printer."""


@dataclass(eq=False, slots=True)
class Job:
    """A running script; `order` is answered with its end, and by `until_ms` at the latest."""

    script: Script
    order: Order | None = None
    target: str = ""
    until_ms: int = NEVER_MS
    need: Ask | Until | None = None
    since_ms: int = 0
    accepted: bool = False


@dataclass(slots=True)
class Flight:
    """The command that is out: `job` is None when nobody waits for the answer any more."""

    ask: Ask
    job: Job | None
    sent_ms: int
    limit_ms: int
    nudged: bool = False
    spoke: bool = False
    foreign: int = 0
    partial: bool = False
    lapse: str = ""


class Host(Protocol):
    """Whose desk it is."""

    def hold_ms(self, ask: Ask, now_ms: int) -> int:
        """Until when `ask` must wait (<= now: it may go out)."""
        ...

    def hold_word(self) -> str:
        """Why an ask that never went out had to wait."""
        ...

    def nudge(self) -> bytes:
        """A harmless inquiry that every firmware knows, or nothing where answers do not get stuck."""
        ...

    def sending(self, ask: Ask) -> bytes:
        """`ask` goes out now: its bytes with the line's end."""
        ...

    def judge(self, ask: Ask, line: str, heard: object) -> Reply | None:
        """The reply that this is to `ask`, or None if it is about something else."""
        ...

    def replied(self, ask: Ask, reply: Reply) -> None:
        """What came back for `ask`, before its script is told."""
        ...

    def answer(self, result: Result) -> None:
        """An order is answered."""
        ...


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """The compiled pattern of an ask."""
    return re.compile(text)


class Desk:
    """Lets one job speak at a time; `out` is what must be written to the line, `gap_ms` the least time between
    two commands."""

    def __init__(self, host: Host, gap_ms: int = GAP_MS) -> None:
        self._host = host
        self._gap_ms = gap_ms
        self._flight: Flight | None = None
        self._free_ms = 0
        self.jobs: list[Job] = []
        self.out = bytearray()

    def add(self, job: Job, now_ms: int) -> None:
        """Begin a script. Orders go before what is already there, so that polling never delays a person."""
        self.jobs.insert(sum(other.order is not None for other in self.jobs), job)
        self._step(job, None, now_ms)

    def drop(self, job: Job, end: End | None, now_ms: int) -> None:
        """Stop a script; its order is answered with `end`, and a late reply to it is ignored."""
        if job in self.jobs:
            self.jobs.remove(job)
            job.script.close()
        if self._flight is not None and self._flight.job is job:
            self._flight.job = None
        if end is not None and job.order is not None:
            self._answer(job, end.stage, end.code, now_ms)

    def clear_flight(self) -> None:
        """The line was reset: no answer can come any more."""
        self._flight = None

    def hear(self, line: str, heard: object, is_event: bool, now_ms: int) -> bool:
        """One line came; if it answers the command that is out, its script goes on. True: it was awaited."""
        flight = self._flight
        if flight is None:
            return False
        reply = self._host.judge(flight.ask, line, heard)
        if reply is not None:
            self._land(reply, now_ms)
            return True
        if flight.ask.part and pattern(flight.ask.part).match(line):
            flight.partial, flight.limit_ms = True, now_ms + PART_MS
            return True
        if not is_event:
            flight.spoke = flight.spoke or heard is not None
            flight.foreign += 1
            if flight.foreign > MAX_FOREIGN:
                self._land(Reply("mismatch"), now_ms)
        return False

    def shorten(self, limit_ms: int, word: str) -> None:
        """The answer's end may never come: by then, if nothing else does, it counts as `word`."""
        if self._flight is not None:
            self._flight.limit_ms, self._flight.lapse = min(self._flight.limit_ms, limit_ms), word

    def run(self, now_ms: int, send: bool = True) -> None:
        """Do all that is due; every pass either moves a job or is the last (64: far above jobs x steps).

        Without `send` nothing goes out: a line that came with an answer must not meet the next command."""
        for _ in range(64):
            moved = self._flight is not None and self._late(now_ms)
            if not (moved or self._expire(now_ms) or self._wait(now_ms) or (send and self._send(now_ms))):
                return

    def wake_ms(self, now_ms: int) -> int:
        """When `run` must be called next."""
        wake = NEVER_MS
        for job in self.jobs:
            wake = min(wake, job.until_ms)
            if isinstance(job.need, Until):
                wake = min(wake, job.since_ms + job.need.limit_ms)
            elif job.need is not None and self._flight is None:
                wake = min(wake, max(self._free_ms, self._host.hold_ms(job.need, now_ms)))
        if self._flight is not None:
            wake = min(wake, self._flight.limit_ms, self._nudge_ms(self._flight))
        return wake

    def _nudge_ms(self, flight: Flight) -> int:
        quiet = flight.nudged or flight.partial or flight.ask.alone
        return NEVER_MS if quiet else flight.sent_ms + NUDGE_MS

    def _late(self, now_ms: int) -> bool:
        flight = self._flight
        if flight is not None and now_ms >= flight.limit_ms:
            self._land(Reply(_missing(flight)), now_ms)
            return True
        if flight is not None and now_ms >= self._nudge_ms(flight):
            flight.nudged = True
            if data := self._host.nudge():
                self._write(data, now_ms)
        return False

    def _expire(self, now_ms: int) -> bool:
        for job in self.jobs:
            if now_ms >= job.until_ms:
                held = isinstance(job.need, Ask) and self._host.hold_ms(job.need, now_ms) > now_ms
                self.drop(job, End(Stage.FAILED, self._host.hold_word() if held else "timeout"), now_ms)
                return True
        return False

    def _wait(self, now_ms: int) -> bool:
        for job in self.jobs:
            if not isinstance(job.need, Until):
                continue
            if job.need.test():
                self._step(job, Reply("ok"), now_ms)
                return True
            if now_ms >= job.since_ms + job.need.limit_ms:
                self._step(job, Reply("late"), now_ms)
                return True
        return False

    def _send(self, now_ms: int) -> bool:
        if self._flight is not None or now_ms < self._free_ms:
            return False
        for job in self.jobs:
            if isinstance(job.need, Ask) and self._host.hold_ms(job.need, now_ms) <= now_ms:
                self._launch(job, job.need, now_ms)
                return True
        return False

    def _launch(self, job: Job, ask: Ask, now_ms: int) -> None:
        self._flight = Flight(ask, job, now_ms, now_ms + ask.limit_ms)
        self._write(self._host.sending(ask), now_ms)

    def _write(self, data: bytes, now_ms: int) -> None:
        self._free_ms = now_ms + self._gap_ms
        self.out += data

    def _land(self, reply: Reply, now_ms: int) -> None:
        flight = self._flight
        if flight is None:
            return
        self._flight = None
        # Lists keep the device busy after their last line: leave the gap behind the answer, not the question.
        self._free_ms = max(self._free_ms, now_ms + self._gap_ms if flight.ask.part else now_ms)
        self._host.replied(flight.ask, reply)
        job = flight.job
        if job is not None and job in self.jobs:
            self._accept(job, reply, now_ms)
            self._step(job, reply, now_ms)

    def _accept(self, job: Job, reply: Reply, now_ms: int) -> None:
        if reply.ok and job.order is not None and not job.accepted:
            job.accepted = True
            self._answer(job, Stage.ACCEPTED, "", now_ms)

    def _step(self, job: Job, reply: Reply | None, now_ms: int) -> None:
        """Let a script go on until it asks or waits; interim answers are passed on on the way."""
        job.since_ms, job.need = now_ms, None
        try:
            need = next(job.script) if reply is None else job.script.send(reply)
            while isinstance(need, Tell):
                self._answer(job, need.stage, need.code, now_ms)
                need = job.script.send(Reply("ok"))
            job.need = need
        except StopIteration as stop:
            self.drop(job, stop.value, now_ms)

    def _answer(self, job: Job, stage: Stage, code: str, now_ms: int) -> None:
        if job.order is None:
            return
        self._host.answer(Result(job.order.id, stage, code, now_ms))
        if stage is not Stage.ACCEPTED:
            job.order, job.until_ms = None, NEVER_MS


def _missing(flight: Flight) -> str:
    """What it means that the time for an answer is over."""
    if flight.lapse:
        return flight.lapse
    if flight.partial:
        return "ok"
    if flight.ask.quiet:
        return "quiet"
    return "mismatch" if flight.spoke else "silent"
