"""A display on RS-232 by a table of its own words: three commands, and what its answers look like. Pure.

Law: sans-I/O. Which bytes those are is configuration, from the display's manual: there is no common language.
Asking is not optional: a display that cannot say whether it is on would be believed for ever (`wake = "mains"`).
An answer counts when it follows our question and exactly one of the two words is in it, twice in a row where it is
another than before: an echo, a half line or a bent byte is no state.

Results of `display.<name>.power`: ACCEPTED when the command went out, DONE when it says that it is so. REFUSED:
closed, unsupported. FAILED: closed, timeout.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.contract import NEVER_MS, Order, Reading, Report, Result, Stage, Value

POLL_MS = 10_000
MOST_POLL_MS = 20_000
MOVING_POLL_MS = 2_000
"""While an order waits for its effect, and between the two answers that must agree."""
ANSWER_MS = 1_500
"""Answers come within a second by the manuals; whatever comes later belongs to nobody."""
AGAIN_MS = 10_000
"""A display that is just waking does not listen: the command is said again so long after."""
MISSES = 3
GRACE_MS = 15_000
HEARD_MAX = 256
"""Bytes kept of one answer; the longest of the manuals read has some 20."""


@dataclass(frozen=True, slots=True)
class Words:
    """Commands with their line ends, and the bytes by which an answer to `ask` is told apart."""

    on: bytes
    standby: bytes
    ask: bytes
    said_on: bytes
    said_standby: bytes


class SerialDisplay:
    """One display, as a `Conversation`: source `display.<name>`, target `display.<name>.power`."""

    def __init__(self, name: str, words: Words) -> None:
        self._source, self._target = f"display.{name}", f"display.{name}.power"
        self._words = words
        self._reports: list[Report] = []
        self._out = bytearray()
        self._heard = bytearray()
        self._open = False
        self._base_ms = POLL_MS
        self._due_ms = NEVER_MS
        """When the answer is judged; NEVER_MS: no question is out."""
        self._poll_ms: int | None = None
        self._power, self._doubt = "", ""
        self._missed = 0
        self._order: Order | None = None
        self._order_end_ms = self._say_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        if self._poll_ms is None:
            return 0
        return min(self._due_ms, self._poll_ms, self._order_end_ms)

    def opened(self, now_ms: int) -> None:
        """The port is there; whether a display is behind it, its answer tells."""
        self._open, self._poll_ms, self._due_ms = True, now_ms, NEVER_MS
        self._missed = 0

    def closed(self, now_ms: int) -> None:
        """The port is gone; silence is said when it lasts."""
        self._open, self._due_ms, self._poll_ms = False, NEVER_MS, now_ms + GRACE_MS
        self._out.clear()
        self._finish(Stage.FAILED, "closed", now_ms)

    def pace(self, period_ms: int) -> None:
        self._base_ms = min(MOST_POLL_MS, period_ms or POLL_MS)

    def ask(self, order: Order, now_ms: int) -> None:
        """Take an order; a newer one supersedes it."""
        if order.target != self._target or order.value not in ("on", "standby"):
            self._tell(order, Stage.REFUSED, "unsupported", now_ms)
        elif not self._open:
            self._tell(order, Stage.REFUSED, "closed", now_ms)
        else:
            self._finish(Stage.SUPERSEDED, "", now_ms)
            self._order, self._order_end_ms = order, now_ms + max(1, order.within_ms)
            self._say_ms = now_ms
            self._tell(order, Stage.ACCEPTED, "", now_ms)
            self._poll_ms = now_ms

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes in any cuts; never raises. What nobody asked for is not kept."""
        if self._due_ms < NEVER_MS:
            self._heard += data
            del self._heard[:-HEARD_MAX]

    def tick(self, now_ms: int) -> None:
        """Do what is due: judge an answer, ask, say the command again, give up."""
        if self._poll_ms is None:
            self._poll_ms = now_ms + GRACE_MS
        if now_ms >= self._order_end_ms:
            self._finish(Stage.FAILED, "timeout", now_ms)
        if now_ms >= self._due_ms:
            self._judge(now_ms)
        if now_ms >= self._poll_ms:
            self._poll(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out, reports = bytes(self._out), tuple(self._reports)
        self._out.clear()
        self._reports.clear()
        return out, reports

    # ---- asking

    def _poll(self, now_ms: int) -> None:
        """Ask, and before that say what was ordered, as long as it is not so."""
        if not self._open:
            self._poll_ms = now_ms + self._base_ms
            self._silent(now_ms)
            return
        order = self._order
        if order is not None and now_ms >= self._say_ms and self._power != order.value:
            self._out += self._words.on if order.value == "on" else self._words.standby
            self._say_ms = now_ms + AGAIN_MS
            self._poll_ms = now_ms + MOVING_POLL_MS
            return
        self._heard.clear()
        self._out += self._words.ask
        self._due_ms, self._poll_ms = now_ms + ANSWER_MS, NEVER_MS

    def _judge(self, now_ms: int) -> None:
        """What did it say?"""
        self._due_ms = NEVER_MS
        on, standby = self._words.said_on in self._heard, self._words.said_standby in self._heard
        told = "" if on == standby else "on" if on else "standby"
        self._missed = 0 if told else self._missed + 1
        if told and told in (self._power, self._doubt):
            self._power, self._doubt = told, ""
            self._say(now_ms, answers=True, power=told)
        elif told:
            self._doubt = told
        if self._missed >= MISSES:
            self._silent(now_ms)
        if self._order is not None and self._power == self._order.value:
            self._finish(Stage.DONE, "", now_ms)
        soon = self._order is not None or bool(self._doubt) or 0 < self._missed < MISSES
        self._poll_ms = now_ms + (MOVING_POLL_MS if soon else self._base_ms)

    # ---- telling

    def _silent(self, now_ms: int) -> None:
        self._power = self._doubt = ""
        self._say(now_ms, answers=False, power=None)

    def _finish(self, stage: Stage, code: str, now_ms: int) -> None:
        order, self._order = self._order, None
        self._order_end_ms = self._say_ms = NEVER_MS
        if order is not None:
            self._tell(order, stage, code, now_ms)

    def _say(self, now_ms: int, **values: Value) -> None:
        self._reports.append(Reading(self._source, tuple(values.items()), now_ms))

    def _tell(self, order: Order, stage: Stage, code: str, now_ms: int) -> None:
        self._reports.append(Result(order.id, stage, code, now_ms))
