"""Codecs to be tested: simulated ones of every make and mode on simulated time, and a real one over its port."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from controller import config
from controller.plan_make import plan_of
from controller.runtime.devices import secret
from hardware.codec import CodecConversation, conversation
from hardware.contract import Order, OrderId, Reading, Report, Result, Stage, Value
from hardware.protocols.cisco import Cisco
from hardware.protocols.polycom import Polycom
from hardware.pump import Pump
from hardware.sim.cisco import CiscoCodec
from hardware.sim.polycom import PolycomCodec
from hardware.wire import SerialWire
from tests.hardware.codec_line import Line

SimCodec: TypeAlias = PolycomCodec | CiscoCodec
SimLine: TypeAlias = Line[CodecConversation, SimCodec]
MEETING_MS = 20_000
"""Long enough to meet, register and ask all, at the slowest make."""

POLYCOM: Mapping[str, str] = {"sleep": "sleeptime", "answer": "muteautoanswer", "none": "beauty"}
CISCO: Mapping[str, str] = {"sleep": "Standby/Delay", "answer": "standby control", "none": "Audio Beauty"}
"""Settings to be looked at: two that are there, one that is not."""


class Codec(Protocol):
    """A codec as its class knows it."""

    @property
    def reports(self) -> Sequence[Report]: ...

    def do(self, target: str, value: Value, within_ms: int = 30_000) -> list[tuple[str, str]]:
        """Order it and wait for the last word; all results as (stage, code)."""
        ...

    def both(self, target: str, first: Value, second: Value) -> list[tuple[str, str]]:
        """Two orders at the same moment; what became of the first."""
        ...

    def value(self, field: str) -> Value:
        """The last reported word on a field of the codec."""
        ...


def polycom(user: str | None = None, password: str | None = None, far_password: str = "") -> SimLine:
    far = PolycomCodec(seed=3, user="admin" if far_password else "", password=far_password)
    return Line(Polycom("main", user=user, password=password, settings=POLYCOM), far)


def cisco(user: str | None = None, password: str | None = None, far_password: str = "") -> SimLine:
    far = CiscoCodec(seed=3, password=far_password)
    return Line(Cisco("main", user=user, password=password, settings=CISCO), far)


def cisco_json(user: str | None = None, password: str | None = None, far_password: str = "") -> SimLine:
    ours = Cisco("main", user=user, password=password, mode="json", settings=CISCO)
    return Line(ours, CiscoCodec(seed=3, password=far_password))


def cisco_old(user: str | None = None, password: str | None = None, far_password: str = "") -> SimLine:
    far = CiscoCodec(seed=3, model="Cisco TelePresence Codec C40", software="TC7.3.11", password=far_password)
    far.faults.no_tags = True
    return Line(Cisco("main", user=user, password=password, settings=CISCO), far)


SIMULATED: Mapping[str, Callable[..., SimLine]] = {
    "polycom": polycom,
    "cisco": cisco,
    "cisco-json": cisco_json,
    "cisco-tc": cisco_old,
}


class Met:
    """A simulated codec that has been met."""

    def __init__(self, line: SimLine) -> None:
        self.line = line
        self.far = line.codec
        line.run(MEETING_MS)

    @property
    def reports(self) -> list[Report]:
        return self.line.reports

    def do(self, target: str, value: Value, within_ms: int = 30_000) -> list[tuple[str, str]]:
        return self.line.do(target, value, within_ms)

    def both(self, target: str, first: Value, second: Value) -> list[tuple[str, str]]:
        earlier = self.line.order(target, first)
        self.line.order(target, second)
        self.line.run(30_000)
        return self.line.results(earlier)

    def value(self, field: str, source: str = "codec") -> Value:
        return self.line.value(field, source)


class Real:
    """The codec that a room.toml names, over its port, in real time."""

    def __init__(self, file: Path) -> None:
        port = plan_of(config.load([file])).codec
        assert port is not None, f"{file} names no codec that can be asked"
        talk = conversation(
            port.kind,
            user=port.user or None,
            password=secret(port.password) or None,
            settings=dict(port.settings),
        )
        self.reports: list[Report] = []
        self._inbox: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._n = 0
        self.pump = Pump("codec", SerialWire(port.port, *port.speeds), talk, self._inbox.put, _now_ms)
        self.pump.start()
        self._wait(lambda: self._knows("autoanswer"), 120)

    def _knows(self, field: str) -> bool:
        return any(isinstance(r, Reading) and field in dict(r.values) for r in self.reports)

    def _wait(self, done: Callable[[], bool], within_s: float) -> None:
        end_s = time.monotonic() + within_s
        while not done():
            self.reports.append(self._inbox.get(timeout=max(0.01, end_s - time.monotonic())))

    def _order(self, target: str, value: Value, within_ms: int) -> OrderId:
        self._n += 1
        self.pump.ask(Order(OrderId("bench", self._n), target, value, within_ms))
        return OrderId("bench", self._n)

    def _results(self, order: OrderId) -> list[tuple[str, str]]:
        return [(r.stage.value, r.code) for r in self.reports if isinstance(r, Result) and r.order == order]

    def _last_word(self, order: OrderId, within_ms: int) -> list[tuple[str, str]]:
        last = {Stage.REFUSED.value, Stage.FAILED.value, Stage.SUPERSEDED.value, Stage.DONE.value}
        self._wait(lambda: any(stage in last for stage, _ in self._results(order)), within_ms / 1000 + 5)
        return self._results(order)

    def do(self, target: str, value: Value, within_ms: int = 30_000) -> list[tuple[str, str]]:
        return self._last_word(self._order(target, value, within_ms), within_ms)

    def both(self, target: str, first: Value, second: Value) -> list[tuple[str, str]]:
        earlier = self._order(target, first, 30_000)
        self._last_word(self._order(target, second, 30_000), 30_000)
        return self._results(earlier)

    def value(self, field: str) -> Value:
        for report in reversed(self.reports):
            if isinstance(report, Reading) and report.source == "codec" and field in dict(report.values):
                return dict(report.values)[field]
        raise KeyError(field)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
