"""A serial line or socket in memory: carries bytes between a conversation and a far end with latency and faults.

Both sides are `Peer`s; the conversation counts its time from the Pi's boot, the far end from the beginning of
the world. Nothing is passed but bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hardware.contract import NEVER_MS, Conversation, Peer, Report


class Wire:
    """One line. `up` False: the port is gone (cable, daemon down); `noise`: share of bytes that are hit."""

    def __init__(
        self, name: str, make: Callable[[], Conversation], far: Peer, latency_ms: int, random: Random
    ) -> None:
        self.name, self.make, self.far = name, make, far
        self.ours = make()
        self.latency_ms = latency_ms
        self.up = self.unplugged = False
        self.answer: Callable[[int], None] | None = None
        """A far end that must be told of a new connection (a socket's server side)."""
        self.noise = 0.0
        self.base_ms = 0
        self._random = random
        self._to_far: list[tuple[int, bytes]] = []
        self._to_us: list[tuple[int, bytes]] = []
        self._ours_due_ms = self._far_due_ms = 0
        """As `look` found them. Whoever changes a side from outside has the wire armed anew, so looked at."""

    def begin(self, now_ms: int, base_ms: int) -> None:
        """A new controller: a conversation without any past, counting from `base_ms`."""
        self.base_ms = base_ms
        self.ours = self.make()
        self.open(now_ms)

    def open(self, now_ms: int) -> None:
        """The port opens; anything that lay on the line is gone."""
        if not (self.up or self.unplugged):
            self.up = True
            if self.answer is not None:
                self.answer(now_ms)
            self.ours.opened(now_ms - self.base_ms)

    def close(self, now_ms: int) -> None:
        """The port closes."""
        if self.up:
            self.up = False
            self._to_far.clear()
            self._to_us.clear()
            self.ours.closed(now_ms - self.base_ms)

    def look(self) -> int:
        """When anything on this line is due, in world time."""
        due_ms = self._far_due_ms = self.far.wake_ms
        self._ours_due_ms = NEVER_MS
        if self.up and (ours_ms := self.ours.wake_ms) < NEVER_MS:
            self._ours_due_ms = ours_ms + self.base_ms
            due_ms = min(due_ms, self._ours_due_ms)
        if self._to_far and self._to_far[0][0] < due_ms:
            due_ms = self._to_far[0][0]
        if self._to_us and self._to_us[0][0] < due_ms:
            due_ms = self._to_us[0][0]
        return due_ms

    def run(self, now_ms: int) -> tuple[Report, ...]:
        """Do everything that is due now, on both sides; the conversation's reports."""
        if not self.up:
            return self._far_alone(now_ms)
        reports = self._turn(now_ms)
        while not self.latency_ms and self._arrived(now_ms):  # the answer is here already
            reports += self._turn(now_ms)
        return reports

    def _arrived(self, now_ms: int) -> bool:
        far, us = self._to_far, self._to_us
        return bool((far and far[0][0] <= now_ms) or (us and us[0][0] <= now_ms))

    def _turn(self, now_ms: int) -> tuple[Report, ...]:
        """Each side hears, then does what is due; what it has to say is on the line only after both have: whoever
        was not called has nothing new to say."""
        far = self._far_due_ms <= now_ms or bool(self._to_far and self._to_far[0][0] <= now_ms)
        us = self._ours_due_ms <= now_ms or bool(self._to_us and self._to_us[0][0] <= now_ms)
        if far:
            self._far_turn(now_ms)
        if us:
            self._our_turn(now_ms)
        reports = self._from_us(now_ms) if us else ()
        if far:
            self._from_far(now_ms)
        return reports

    def _far_turn(self, now_ms: int) -> None:
        queue = self._to_far
        while queue and queue[0][0] <= now_ms:
            self.far.feed(queue.pop(0)[1], now_ms)
        if self._far_due_ms <= now_ms:
            self._far_due_ms = NEVER_MS
            self.far.tick(now_ms)

    def _our_turn(self, now_ms: int) -> None:
        queue, at_ms = self._to_us, now_ms - self.base_ms
        while queue and queue[0][0] <= now_ms:
            self.ours.feed(queue.pop(0)[1], at_ms)
        if self._ours_due_ms <= now_ms:
            self._ours_due_ms = NEVER_MS
            self.ours.tick(at_ms)

    def collect(self, now_ms: int) -> tuple[Report, ...]:
        """Put what both sides have to say on the line; the conversation's reports."""
        reports = self._from_us(now_ms)
        self._from_far(now_ms)
        return reports

    def _from_us(self, now_ms: int) -> tuple[Report, ...]:
        data, reports = self.ours.take()
        if data and self.up:
            self._to_far.append((now_ms + self.latency_ms, self._hit(data)))
        return reports

    def _from_far(self, now_ms: int) -> None:
        data, _ = self.far.take()
        if data and self.up:
            self._to_us.append((now_ms + self.latency_ms, self._hit(data)))

    def _hit(self, data: bytes) -> bytes:
        if not self.noise:
            return data
        return bytes(b ^ self._random.randrange(256) if self._random.random() < self.noise else b for b in data)

    def _far_alone(self, now_ms: int) -> tuple[Report, ...]:
        """Nobody on our side: only the far end lives on, and what it says is lost."""
        if self.far.wake_ms <= now_ms:
            self.far.tick(now_ms)
        self.far.take()
        return ()
