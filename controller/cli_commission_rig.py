"""The two ways in which commissioning meets the devices of a Pi: it has them itself, or it watches the controller.

Itself: the same adapters and pumps as the controller's, over the same keeper, which owns the relays all the time;
so neither our start nor our end switches anything. Only while the controller is stopped: two minds over one set of
relays would each be right and the room wrong, and a serial port has one reader. Watching: after a power cut it is
the controller that brings the room back, so its own view is read, and nothing can be ordered.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from controller.cli_look import facts, running, tree
from controller.commission.driver import Typed
from controller.config_model import RoomConfig
from controller.plan import Plan
from controller.runtime.clock import Clock
from controller.runtime.devices import Devices, build
from hardware.contract import Order, Reading, Result, Stage, Value
from hardware.relays import gpio_errors

PACE_MS = 2_000
"""A person waits for the answer."""
LOOK_S = 1.0
ASKED = ("codec", "camera", "display", "ups")
Start = Callable[[Plan, Callable[[object], None]], Callable[[], None] | None]


@dataclass(slots=True)
class Terminal:
    """Lines from the phone's terminal, with the reports of devices in one queue; one thread reads it for ever."""

    lines: Iterable[str] = field(default_factory=lambda: sys.stdin)
    write: Callable[[str], object] = field(default=lambda words: (sys.stdout.write(words), sys.stdout.flush()))
    inbox: queue.SimpleQueue[object] = field(default_factory=queue.SimpleQueue)

    def start(self) -> None:
        threading.Thread(target=self._read, name="terminal", daemon=True).start()

    def _read(self) -> None:
        for line in self.lines:
            self.inbox.put(Typed(line))
        self.inbox.put(Typed(None))

    def take(self, wait_s: float) -> list[object]:
        """Everything that is there, or comes within the time."""
        try:
            items = [self.inbox.get(timeout=max(0.0, wait_s))]
        except queue.Empty:
            return []
        while not self.inbox.empty():
            items.append(self.inbox.get())
        return items


class PiRig:
    """The devices are ours until `stop`. `panel` starts the buttons and returns how to stop them."""

    def __init__(self, plan: Plan, terminal: Terminal, clock: Clock, panel: Start | None = None) -> None:
        self._terminal, self._clock = terminal, clock
        self._devices: Devices = build(plan, terminal.inbox.put, self.now_ms)
        self._devices.renew()
        self._devices.start()
        self._devices.pace(dict.fromkeys(ASKED, PACE_MS))
        self._end = panel(plan, terminal.inbox.put) if panel is not None else None

    @property
    def boot(self) -> str:
        return self._clock.boot

    def now_ms(self) -> int:
        return self._clock.now().mono_ms

    def order(self, order: Order) -> None:
        self._devices.order(order)

    def turn(self, until_ms: int) -> Sequence[object]:
        return self._terminal.take((until_ms - self.now_ms()) / 1000)

    def lamps(self, patterns: Mapping[str, str]) -> None:
        self._devices.lamps(patterns)

    def renew(self) -> None:
        self._devices.renew()

    def stop(self) -> None:
        """Lamps dark; every load stays as it is."""
        self._devices.lamps({})
        if self._end is not None:
            self._end()
        self._devices.stop()


class WatchRig:
    """The controller's own view, once a second."""

    def __init__(self, cfg: RoomConfig, terminal: Terminal, clock: Clock) -> None:
        self._cfg, self._terminal, self._clock = cfg, terminal, clock
        self._refused: list[object] = []

    @property
    def boot(self) -> str:
        return self._clock.boot

    def now_ms(self) -> int:
        return self._clock.now().mono_ms

    def order(self, order: Order) -> None:
        self._refused.append(Result(order.id, Stage.REFUSED, "watching", self.now_ms()))

    def turn(self, until_ms: int) -> Sequence[object]:
        items, self._refused = self._refused, []
        items += self._terminal.take(min(LOOK_S, (until_ms - self.now_ms()) / 1000))
        view = running(self._cfg)
        return [*items, *(readings(view, self.now_ms()) if view is not None else ())]

    def lamps(self, patterns: Mapping[str, str]) -> None:
        """They are the controller's."""

    def renew(self) -> None:
        """The lease is the controller's."""

    def stop(self) -> None:
        """There is nothing of ours."""


def readings(view: Mapping[str, object], at_ms: int) -> list[Reading]:
    """A controller's view as readings: its facts, and each load's contact as it sees it."""
    rows: dict[str, list[tuple[str, Value]]] = {}
    for name, value in facts(view).items():
        source, _, key = name.rpartition(".")
        rows.setdefault(source, []).append((key, value))
    for load, row in tree(view, "detail", "loads").items():
        seen = row.get("seen") if isinstance(row, Mapping) else None
        rows.setdefault("relay", []).append((load, seen if isinstance(seen, str) else None))
    return [Reading(source, tuple(values), at_ms) for source, values in rows.items()]


def panel(plan: Plan, say: Callable[[object], None]) -> Callable[[], None] | None:
    """The wall panel, where there is one that can be opened; else the terminal is enough."""
    if not plan.inputs:
        return None
    from hardware.expander import Expanders
    from hardware.panel import InputSpec, Panel, lgpio_factory

    specs = [InputSpec(name, row.pin, row.active_low, row.pull, row.chip) for name, row in plan.inputs.items()]
    try:
        opened = Panel(specs, say, lgpio_factory(), _mono_ms, expanders=Expanders)
    except _pin_errors():
        return None
    opened.start()
    return opened.stop


def _pin_errors() -> tuple[type[Exception], ...]:
    return (ImportError, *gpio_errors())


def _mono_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
