"""Our side of a VISCA chain of one to seven cameras: start-up, state and orders.

Bytes in, bytes and reports out; no clock, no port. What must not be here: packets (visca_frames.py), the sending
slot (visca_slot.py), what one camera is asked (visca_camera.py), which order replaces which (visca_seat.py).
Source: Sony EVI-D70 technical manual (address set, IF_Clear, network change).

Results: ACCEPTED when the camera acknowledged, DONE when an inquiry showed the effect. REFUSED codes: closed,
not_identified, target, value, range, moving (store while a preset runs), standby, syntax, length, buffer_full,
not_executable. FAILED codes: timeout, not_confirmed, unconfirmed, cancelled, moved_on (another order took the
head), network_change (it was power-cycled), not_identified (another camera answers), closed, fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hardware.contract import NEVER_MS, Order, Report, Result, Stage
from hardware.protocols.visca_camera import LOST_AFTER, Camera
from hardware.protocols.visca_frames import (
    ADDRESS_SET,
    BROADCAST,
    CLEAR_ALL,
    CLEAR_ONE,
    HIDE_INFO,
    LOCK_REMOTE,
    MAX_SPEED,
    VERSION,
    Framer,
    Kind,
    Reply,
    decode,
)
from hardware.protocols.visca_launch import Words
from hardware.protocols.visca_seat import START_RANK, Seat
from hardware.protocols.visca_slot import REPLY_MS, Slot, Task
from hardware.protocols.visca_steps import Rest, Say, Script

_NETWORK, _NOTICE = Kind.NETWORK, Kind.NOTICE
"""Looked up once, as in visca_slot.py."""

PERIOD_MS = 10_000
"""Idle asking: four packets, 0.15 s of line at 9600 baud."""

RETRY_MS = 5_000
"""Flat, so that a camera is seen soon after its power returns; longer only when the idle pace is longer."""

SETTLE_MS = 100
"""After a Network Change: several cameras of a chain say it at once, one start-up serves all."""

START_TRIES = 3
"""Version inquiries of the first start-up: silence three times is what `answers` False means."""


class ViscaChain:
    """A `Conversation` with the cameras `names`, nearest first. `reply_ms`: 1500 where slow shutter is used.
    `hide_info` switches the on-screen texts off, `lock_remote` the infra-red receiver, after every start.
    Raises ValueError for no name, more than seven, or one name twice."""

    def __init__(
        self,
        names: Sequence[str],
        *,
        reply_ms: int = REPLY_MS,
        hide_info: bool = False,
        lock_remote: bool = False,
    ) -> None:
        if not 1 <= len(names) < BROADCAST or len({*names}) != len(names):
            raise ValueError(f"a VISCA chain has 1 to 7 cameras of different names, not {list(names)}")
        self._slot, self._framer = Slot(reply_ms), Framer()
        self._reports: list[Report] = []
        self._settings = (HIDE_INFO,) * hide_info + (LOCK_REMOTE,) * lock_remote
        self._seats = [self._seat(name, address) for address, name in enumerate(names, 1)]
        self._start: Task | None = None
        self._retry_ms = RETRY_MS
        self._unknown = 0
        self._wake_ms = NEVER_MS
        self.pace(0)

    def _seat(self, name: str, address: int) -> Seat:
        return Seat(Camera(name, address, self._slot, self._reports), self._slot, self._reports)

    # What others may look at.

    @property
    def answers(self) -> bool:
        """Does any camera answer? While not, the other line speed may be worth a try."""
        return any(seat.camera.answers for seat in self._seats)

    @property
    def identities(self) -> Mapping[str, str | None]:
        """Camera name → vendor:model:rom, None while it has not said who it is."""
        return {seat.camera.name: seat.camera.identity for seat in self._seats}

    @property
    def garbage(self) -> int:
        """Bytes that were no packet, packets that were no reply, replies that nobody waited for."""
        return self._framer.dropped + self._unknown + self._slot.strays

    # The conversation.

    @property
    def wake_ms(self) -> int:
        return self._wake_ms

    def opened(self, now_ms: int) -> None:
        """The port is there: start up. A second call without `closed` starts again."""
        self._end_all("closed", now_ms)
        self._framer.reset()
        self._begin(0)
        self._run(now_ms)

    def closed(self, now_ms: int) -> None:
        """The port went away; what is under way failed. Nobody was asked, so nothing is reported of cameras."""
        self._end_all("closed", now_ms)
        self._wake_ms = NEVER_MS

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes of the line in any cuts; never raises, whatever they are."""
        if self._start is None:
            return
        self.tick(now_ms)
        for packet in self._framer.feed(data):
            reply = decode(packet)
            if reply is None:
                self._unknown += 1
            else:
                self._heard(reply, now_ms)
                self._run(now_ms)

    def _heard(self, reply: Reply, now_ms: int) -> None:
        if reply.kind is _NETWORK:
            self._end_all("network_change", now_ms)
            self._begin(SETTLE_MS)
        elif reply.kind is _NOTICE:
            for seat in self._seats:
                seat.hurry()
        else:
            self._slot.heard(reply, now_ms)

    def tick(self, now_ms: int) -> None:
        """Do what is due at `now_ms` (monotonic)."""
        if now_ms >= self._wake_ms:
            self._run(now_ms)

    def _run(self, now_ms: int) -> None:
        self._slot.tick(now_ms)
        while self._watch():
            self._slot.tick(now_ms)
        self._wake_ms = self._slot.wake_ms

    def _watch(self) -> bool:
        changed = [seat.watch() for seat in self._seats]
        if self._start is not None and self._missing():
            returned = any(seat.returned for seat in self._seats)
            changed.append(self._slot.rouse(self._start, 0 if returned else self._retry_ms))
        return any(changed)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """Bytes to send and what is to be told, each once."""
        data, reports = bytes(self._slot.out), tuple(self._reports)
        self._slot.out.clear()
        self._reports.clear()
        return data, reports

    def ask(self, order: Order, now_ms: int) -> None:
        """Begin an order for `camera.<name>.<verb>`; its results come with `take`."""
        self._slot.now_ms = now_ms
        prefix, _, verb = order.target.rpartition(".")
        seat = next((seat for seat in self._seats if prefix == f"camera.{seat.camera.name}"), None)
        if seat is None or self._start is None:
            code = "target" if seat is None else "closed"
            self._reports.append(Result(order.id, Stage.REFUSED, code, now_ms))
            return
        seat.ask(order, verb)
        self._run(now_ms)

    def pace(self, period_ms: int) -> None:
        """How often state is asked for when nothing moves; 0 = the default."""
        period_ms = period_ms or PERIOD_MS
        self._retry_ms = RETRY_MS if period_ms <= PERIOD_MS else period_ms
        for seat in self._seats:
            seat.camera.period_ms = period_ms
            seat.hurry(period_ms)
        self._wake_ms = min(self._wake_ms, self._slot.wake_ms)

    # Start-up.

    def _end_all(self, code: str, now_ms: int) -> None:
        self._slot.now_ms = now_ms
        for seat in self._seats:
            seat.end(code)
        if self._start is not None:
            self._slot.kill(self._start)
        self._start = None
        self._slot.reset()

    def _begin(self, after_ms: int) -> None:
        self._start = self._slot.spawn(Task(self._starting(after_ms), START_RANK, _never_ends))

    def _starting(self, after_ms: int) -> Script:
        """Address Set and IF_Clear go before anything else (EVI-D70). Their answers are not insisted on: clones
        with a fixed address give none, and w of `88 30 0w` does not count cameras (BRC-Z300). Later rounds look
        for the missing ones only, and leave the others' commands alone: no IF_Clear for all."""
        yield Rest(after_ms)
        yield Say(BROADCAST, ADDRESS_SET)
        yield Say(BROADCAST, CLEAR_ALL)
        tries = START_TRIES
        while True:
            for seat in self._seats:
                if not seat.camera.version:
                    yield from self._identify(seat, tries)
            yield Rest(self._retry_ms if self._missing() else NEVER_MS)
            tries = 1
            if not any(seat.busy for seat in self._seats):
                yield Say(BROADCAST, ADDRESS_SET)

    def _missing(self) -> bool:
        return not all(seat.camera.version for seat in self._seats)

    def _identify(self, seat: Seat, tries: int) -> Words:
        """Ask one camera who it is, then how fast it is. Its word is not used."""
        camera = seat.camera
        for _ in range(tries):
            reply = yield camera.say(VERSION)
            if reply.kind is not Kind.SILENCE:
                break
        if reply.kind is Kind.SILENCE:
            if camera.link.misses >= LOST_AFTER:
                camera.tell_silent()
        elif reply.kind is Kind.ERROR:
            camera.tell_stranger()
        else:
            yield camera.say(CLEAR_ONE)
            speeds = yield from camera.inquire(MAX_SPEED)
            camera.identified(reply.data, speeds)
            camera.tell(("answers", "identity"))
            seat.enliven(self._settings)
        return ""


def _never_ends(_word: str) -> None:
    """The start-up script runs as long as the port is open."""
