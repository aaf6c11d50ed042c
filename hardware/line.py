"""The line as a device: probes to gateway, provider's first hop, targets and far end; one reading each.

Must not live here: bytes (protocols/icmp.py), sockets (line_probes.py), what a figure means for the room (rules).
One thread, one number for every probe, one window for every target. Rates: FAST near and in meetings, when the
loop asks for it; else a burst now and then. Whoever falls silent is looked at closely by itself, so that a cut is
told within seconds of being noticed. A kind of probe that never gets an answer is given up for the target's next
one, and a target that answers none is *not measurable*: never lost.

Budget (performance.md): at rest 18 probes an hour and target, 32 B each way on the wire; for four targets some
0.1 MB a day and 100 wake-ups an hour. A reading stands for the 60 s before it.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hardware.contract import Reading
from hardware.line_probes import Kind, open_kind, version_of
from hardware.line_routes import ROUTES, default_gateway
from hardware.protocols.line_window import LATE_MS, Window

FAST_MS = 500
"""120 probes in a window: one of them is 0.8 %, below the 1 % that is warned of."""
BURST, BURST_GAP_MS = 3, 200
"""At rest: enough for a jitter, and for the doubt that makes us look closer."""
SLOW_MS = 600_000
DOWN_MS = 5_000
"""A target that is down is asked so often: its return is told in seconds."""
TELL_MS = 10_000
TRY_PROBES = 20
"""A kind without a single answer among so many is not the one for this target."""
NEVER_US = 1 << 62
GATEWAY = ""
"""The address that stands for the default gateway of the moment."""


@dataclass(frozen=True, slots=True)
class Place:
    """A target: its name in `line.<name>`, its address (GATEWAY = the default route's), ways to probe it in the
    order of trust: `icmp`, `tcp:<port>`, `udp:<port>`."""

    name: str
    address: str
    kinds: tuple[str, ...] = ("icmp",)


Known = frozenset[tuple[str, str]]
"""(place, way): `icmp`, `tcp`, `udp`."""


class Probing(Protocol):
    """What the runtime needs of it."""

    def start(self, known: Known = frozenset()) -> None: ...

    def stop(self, timeout_s: float = 1.0) -> bool: ...

    def pace(self, period_ms: int) -> None: ...


class _Course:
    """One target on its way through its kinds of probes. `known`: kinds that answered in an earlier life."""

    def __init__(self, place: Place, known: frozenset[str]) -> None:
        self.place, self._known = place, known
        # A kind that has answered before comes first: after a restart in an outage its silence means something.
        self._kinds = tuple(sorted(place.kinds, key=lambda kind: kind not in known))
        self._at = 0
        self.window = Window(self.kind in known)
        self.told: tuple[bool | None, bool] | None = None
        self.way = "none"
        """`icmp`, `tcp`, `udp`; none = this system gives no socket for it."""

    @property
    def kind(self) -> str:
        return self._kinds[self._at]

    def turn(self, usable: Callable[[str], bool]) -> None:
        """Take the next kind when this one is no good here."""
        window = self.window
        bad = not usable(self.kind) or (not window.proven and window.settled >= TRY_PROBES)
        if bad and len(self._kinds) > 1:
            self._at = (self._at + 1) % len(self._kinds)
            self.window = Window(self.kind in self._known)


class LineProbes:
    """`report` gets readings stamped by `clock_ms`."""

    def __init__(
        self,
        places: Sequence[Place],
        report: Callable[[Reading], None],
        clock_ms: Callable[[], int],
        routes: Path = ROUTES,
    ) -> None:
        self._places, self._report, self._clock_ms, self._routes = tuple(places), report, clock_ms, routes
        self._courses: list[_Course] = []
        self._kinds: dict[tuple[str, int], Kind | None] = {}
        self._owner: dict[int, tuple[Window, Kind]] = {}
        self._n = 0
        self._fast_ms = 0
        self._burst = BURST
        self._send_us, self._tell_us = 0, NEVER_US
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._ends = False
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)

    def start(self, known: Known = frozenset()) -> None:
        """`known`: places that answered in an earlier life, so that their silence in this one means something."""
        for place in self._places:
            kinds = {kind for name, kind in known if name == place.name}
            course = _Course(place, frozenset(k for k in place.kinds if k.partition(":")[0] in kinds))
            self._courses.append(course)
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """True when the thread has ended."""
        self._ends = True
        os.eventfd_write(self._wake, 1)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def pace(self, period_ms: int) -> None:
        """0 = at rest; else FAST, whatever the figure: there are two speeds."""
        if bool(period_ms) != bool(self._fast_ms):
            self._fast_ms = FAST_MS if period_ms else 0
            os.eventfd_write(self._wake, 1)

    # ---- the thread

    def _run(self) -> None:
        try:
            while not self._ends:
                self._turn(_now_us())
        finally:
            for kind in self._kinds.values():
                if kind is not None:
                    kind.close()

    def _turn(self, now_us: int) -> None:
        self._settle(now_us)
        if self._close_look():
            self._send_us = min(self._send_us, now_us + FAST_MS * 1000)
        if now_us >= self._send_us:
            for course in self._courses:
                self._probe(course, now_us)
            gap_ms = self._gap_ms()
            self._send_us = now_us + gap_ms * 1000
            wait_ms = TELL_MS if gap_ms <= FAST_MS else LATE_MS + 1
            self._tell_us = min(self._tell_us, now_us + wait_ms * 1000)
        self._tell(now_us)
        self._wait(now_us)

    def _close_look(self) -> bool:
        return bool(self._fast_ms) or any(course.window.doubtful for course in self._courses)

    def _gap_ms(self) -> int:
        """Until the next probes: closely near meetings and in doubt, in bursts at rest."""
        if self._close_look():
            self._burst = BURST
            return FAST_MS
        self._burst -= 1
        if self._burst > 0:
            return BURST_GAP_MS
        self._burst = BURST
        down = any(course.window.reach[0] is False for course in self._courses)
        return DOWN_MS if down else SLOW_MS

    def _probe(self, course: _Course, now_us: int) -> None:
        address = course.place.address or default_gateway(self._routes)
        course.turn(lambda name: self._kind(name, address) is not None)
        kind = self._kind(course.kind, address)
        course.way = course.kind.partition(":")[0] if kind is not None else "none"
        if kind is None:
            return
        self._n = (self._n + 1) & 0xFFFF
        course.window.sent(self._n, now_us)
        self._owner[self._n] = (course.window, kind)
        word = kind.send(address, self._n) if address else "unreachable"
        if word:
            self._ended(self._n, word, now_us)

    def _kind(self, name: str, address: str) -> Kind | None:
        version = version_of(address)
        if self._kinds.get((name, version)) is None:
            self._kinds[name, version] = open_kind(name, version)
        return self._kinds[name, version]

    def _ended(self, n: int, word: str, at_us: int) -> None:
        window, _kind = self._owner.pop(n, (None, None))
        if window is not None and word == "answer":
            window.heard(n, at_us)
        elif window is not None:
            window.refused(n, word, at_us)

    def _settle(self, now_us: int) -> None:
        for course in self._courses:
            course.window.settle(now_us)
        old = [n for n, (window, _) in self._owner.items() if not window.waits(n)]
        for n in old:
            self._owner.pop(n)[1].drop(n)

    def _tell(self, now_us: int) -> None:
        """A change of reach at once; figures every ten seconds while fast, else after each burst."""
        due = now_us >= self._tell_us
        for course in self._courses:
            if due or course.told != course.window.reach:
                figures, course.told = course.window.figures(), course.window.reach
                values = (*figures._asdict().items(), ("kind", course.way))
                self._report(Reading(f"line.{course.place.name}", values, self._clock_ms()))
        if due:
            self._tell_us = NEVER_US  # the next probes say when

    def _wait(self, now_us: int) -> None:
        """Until an answer, the next probe, a probe that is lost, or somebody who wants something of us."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        kinds = {fd: kind for kind in self._kinds.values() if kind is not None for fd, _ in kind.fds()}
        for kind in set(kinds.values()):
            for fd, mask in kind.fds():
                poll.register(fd, mask)
        due = [c.window.due_us for c in self._courses if c.window.due_us is not None]
        left_us = min([self._send_us, self._tell_us, *due]) - now_us
        for fd, _mask in poll.poll(max(0, -(-left_us // 1000))):
            at_us = _now_us()
            if fd == self._wake:
                os.eventfd_read(fd)
                continue
            for n, word in kinds[fd].take(fd):
                self._ended(n, word, at_us)


def _now_us() -> int:
    return time.monotonic_ns() // 1000
