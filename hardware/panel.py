"""The panel's inputs: buttons, contacts and the HAND key, as edges when they change and as levels every 10 s.

Law of this file: inputs only, and no meaning: debounce, long presses, what a button or contact is for are decided
elsewhere, from the stamps. gpiozero's own timers (`bounce_time`, `when_held`) are not used: they stamp late, run on
hidden threads and the mock factory ignores them. Lamps are the keeper's. Lines of an expander, which gpiozero does
not know, come from expander.py.

Threads: gpiozero calls back on its own; ours sleeps in one wait. After an edge it looks at the levels every 20 ms
for 200 ms, because an edge that is lost while a contact bounces would leave a button pressed for ever; otherwise
it wakes once in 10 s, or never: where nothing can hang, who rules the room calls `levels` when it is awake anyway.
`report` must not raise or block: it is called on all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gpiozero import DigitalInputDevice
from gpiozero.pins import Factory

from hardware.contract import Edge, Reading, Report
from hardware.expander import Expanders, InputLine
from hardware.relays import LineError, gpio_errors

LEVELS_MS = 10_000
"""Levels repeat what edges have told; they are for the edge that nobody has told."""
SAMPLE_MS = 20
SAMPLED_MS = 200
"""A worn button bounces for up to 50 ms; four times that."""
EDGES_A_SECOND = 40
"""A bouncing contact makes ten edges and nobody presses ten times a second; more is a broken wire that picks up
mains hum, and then the samples alone speak."""


def monotonic_ms() -> int:
    """Milliseconds since the Pi's boot, as every other stamp."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def lgpio_factory() -> Factory:
    """The factory of a real Pi, by name: gpiozero's own choice falls back silently to one that loses edges.

    The working directory must be writable and not shared with another process that uses lgpio."""
    from gpiozero.pins.lgpio import LGPIOFactory

    return LGPIOFactory()


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One wired input. `active_low`: the contact closes to ground (down = pin low). `pull`: up | down | none, the
    Pi's own resistor; a normally closed loop is pulled up and active high, so that a cut wire alarms. `chip`: label
    of the expander whose line `pin` is, '' = the Pi's header."""

    name: str
    pin: int
    active_low: bool = True
    pull: str = "up"
    chip: str = ""


_PULL_UP: Mapping[str, bool | None] = {"up": True, "down": False, "none": None}


class _HeaderLine:
    """A pin of the Pi by gpiozero; `edge(down)` is called on its thread."""

    def __init__(self, spec: InputSpec, factory: Factory, edge: Callable[[bool], None]) -> None:
        pull_up = _PULL_UP[spec.pull]
        active = not spec.active_low if pull_up is None else None
        self._device = DigitalInputDevice(spec.pin, pull_up=pull_up, active_state=active, pin_factory=factory)
        # gpiozero takes a pulled-up pin for active low and a pulled-down one for active high.
        turned = pull_up is not None and pull_up != spec.active_low
        self._device.when_activated = partial(edge, not turned)
        self._device.when_deactivated = partial(edge, turned)

    def high(self) -> bool:
        return bool(self._device.pin.state)

    def close(self) -> None:
        self._device.close()


class Panel:
    """Watches all inputs from `start` to `stop`. An input that cannot be opened or read is None and tried
    again with every reading of levels; the others work. `levels_ms` None: somebody else calls `levels`."""

    def __init__(
        self,
        inputs: Sequence[InputSpec],
        report: Callable[[Report], None],
        factory: Factory,
        now_ms: Callable[[], int] = monotonic_ms,
        levels_ms: int | None = LEVELS_MS,
        expanders: Callable[[], Expanders] | None = None,
    ) -> None:
        self.faults: dict[str, str] = {}
        self.ignored = 0
        self._specs = {spec.name: spec for spec in inputs}
        self._report, self._factory, self._now_ms = report, factory, now_ms
        self._levels_ms = levels_ms
        self._make_expanders = expanders
        self._expanders: Expanders | None = None
        self._devices: dict[str, InputLine] = {}
        self._down: dict[str, bool] = {}
        self._recent: dict[str, tuple[int, int]] = {}
        self._edge_ms = -SAMPLED_MS
        self._rang = threading.Event()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        """Open the inputs and report their levels; edges come from here on."""
        self.levels()
        self._thread.start()

    def stop(self) -> None:
        """Close the inputs; edges end."""
        self._ends.set()
        self._rang.set()
        if self._thread.ident is not None:
            self._thread.join()
        for device in self._devices.values():
            device.close()
        self._devices = {}
        if self._expanders is not None:
            self._expanders.close()

    def levels(self) -> None:
        """Report every input's level as it is now; None where it cannot be read."""
        for spec in self._specs.values():
            if spec.name not in self._devices:
                self._open(spec)
        read = tuple((name, self._look(name)) for name in self._specs)
        self._report(Reading("input", read, self._now_ms()))

    def _open(self, spec: InputSpec) -> None:
        try:
            self._devices[spec.name] = self._claimed(spec)
        except gpio_errors() as error:
            place = f"{spec.chip} line" if spec.chip else "GPIO"
            self.faults[spec.name] = f"{spec.name}: {place} {spec.pin}: {error}"

    def _claimed(self, spec: InputSpec) -> InputLine:
        if not spec.chip:
            return _HeaderLine(spec, self._factory, partial(self._edge, spec.name))
        if self._make_expanders is None:
            raise LineError("no expander here")
        self._expanders = self._expanders or self._make_expanders()
        return self._expanders.claim(spec, lambda high: self._edge(spec.name, high != spec.active_low))

    def _look(self, name: str) -> bool | None:
        """The logical level now; a change that no edge told is reported as one."""
        device, spec = self._devices.get(name), self._specs[name]
        if device is None:
            return None
        try:
            down = device.high() != spec.active_low
        except gpio_errors() as error:
            self.faults[name] = f"{name}: {error}"
            return None
        self.faults.pop(name, None)
        if self._down.setdefault(name, down) != down:
            self._tell(name, down, self._now_ms())
        return down

    def _edge(self, name: str, down: bool) -> None:
        """On gpiozero's thread. An exception here would end that thread, and with it every button."""
        now_ms = self._now_ms()
        since_ms, count = self._recent.get(name, (now_ms, 0))
        since_ms, count = (since_ms, count + 1) if now_ms - since_ms < 1_000 else (now_ms, 1)
        self._recent[name] = (since_ms, count)
        if count <= EDGES_A_SECOND:
            self._tell(name, down, now_ms)
        else:
            self.ignored += 1
        self._edge_ms = now_ms
        self._rang.set()

    def _tell(self, name: str, down: bool, at_ms: int) -> None:
        self._down[name] = down
        self._report(Edge(name, down, at_ms))

    def _run(self) -> None:
        period_ms = self._levels_ms
        levels_ms = None if period_ms is None else self._now_ms() + period_ms
        while not self._ends.is_set():
            now_ms = self._now_ms()
            if period_ms is not None and levels_ms is not None and now_ms >= levels_ms:
                levels_ms = now_ms + period_ms
                self.levels()
            busy = now_ms - self._edge_ms < SAMPLED_MS
            if busy:
                for name in self._specs:
                    self._look(name)
                self._ends.wait(SAMPLE_MS / 1000)
            else:
                # An edge sets its stamp before it rings, so clearing late forgets nothing.
                self._rang.wait(None if levels_ms is None else (levels_ms - now_ms) / 1000)
                self._rang.clear()
