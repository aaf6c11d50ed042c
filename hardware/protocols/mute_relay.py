"""The microphone of a room whose meetings run on a computer: a relay in its line, told and shown as a codec's mute.

Law of this file: pure; it only translates, the keeper's conversation does the rest. The order `codec.mute`
'muted' | 'open' is the order *on* | *off* for the keeper's line of that name, and the line's level as read back
is the field `mute` of source `codec`. Whoever decides need not know that there is no codec.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hardware.contract import Conversation, Order, Reading, Report, Result, Stage

TARGET = "codec.mute"
_LEVELS = {"muted": "on", "open": "off"}
_WORDS = {level: word for word, level in _LEVELS.items()}


class MuteRelay:
    """A contract.Conversation around the keeper's; `line` is the relay's name there."""

    def __init__(self, keeper: Conversation, line: str) -> None:
        self._keeper, self._line = keeper, line
        self._refused: list[Report] = []

    @property
    def wake_ms(self) -> int:
        return self._keeper.wake_ms

    def opened(self, now_ms: int) -> None:
        self._keeper.opened(now_ms)

    def closed(self, now_ms: int) -> None:
        self._keeper.closed(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        self._keeper.feed(data, now_ms)

    def tick(self, now_ms: int) -> None:
        self._keeper.tick(now_ms)

    def pace(self, period_ms: int) -> None:
        self._keeper.pace(period_ms)

    def ask(self, order: Order, now_ms: int) -> None:
        if order.target != TARGET:
            self._keeper.ask(order, now_ms)
        elif isinstance(order.value, str) and order.value in _LEVELS:
            self._keeper.ask(replace(order, target=f"load.{self._line}", value=_LEVELS[order.value]), now_ms)
        else:
            self._refused.append(Result(order.id, Stage.REFUSED, "bad_value", now_ms))

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        data, reports = self._keeper.take()
        refused, self._refused = tuple(self._refused), []
        return data, (*refused, *(told for report in reports for told in self._told(report)))

    def _told(self, report: Report) -> Iterator[Report]:
        """The keeper's words, the microphone's line among them as the codec's."""
        if not isinstance(report, Reading) or report.source != "relay":
            yield report
            return
        levels = dict(report.values)
        level = levels.pop(self._line, None)
        yield report._replace(values=tuple(levels.items()))
        mute = _WORDS.get(level) if isinstance(level, str) else None
        yield Reading("codec", (("mute", mute),), report.at_ms)
