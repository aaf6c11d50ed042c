"""The wires themselves: claim an output at its level, write it, read it back, and leave it alone at the end.

Law of this file: pins only; no pattern, no lease, no rule. **No pulse at start, no release at exit.**

gpiozero on lgpio does both (gpiozero 2.0.1, pins/lgpio.py): a new pin is claimed as input, then as output with
level 0, and only then set, so an active-low relay clicks at every start; `close()`, which its atexit hook calls
for every pin, makes it an input again, so a relay falls at every clean exit, though not at a crash. The cure:
`gpio_claim_output(handle, pin, level)` carries the level with the claim, in one system call, and nothing ever
gives a line back. What the line does when its owner is gone is then the kernel's: Raspberry Pi kernels keep
driving it (`persist_gpio_outputs`), others release it.

Two ways to the same wire, one suite of tests with a recording lgpio for both:
`LgpioWires` calls lgpio itself. It is the keeper's own, because loading gpiozero takes 60 ms and 9 MiB, and the
keeper must drive its relays 60 ms after its start within 8 MiB. `GpiozeroWires` uses gpiozero, with its mock
factory (demo, tests) or with `steady_factory()`, which is the cure as a pin class.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from hardware.keeper_table import RELAY, Line

if TYPE_CHECKING:
    from gpiozero import OutputDevice
    from gpiozero.pins import Factory

CHIPS_MAX = 16
"""A Pi 5 has 14 gpiochips; expanders come on top, but their labels are found long before."""
HEADER_LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")
"""The chip behind the 40 pins; its number differs by model and kernel (4 or 0 on a Pi 5)."""


class LineError(OSError):
    """A line cannot be claimed, written or read: busy, absent, no rights. Says which and why."""


class Wires(Protocol):
    """A way to output lines. `high` is the level of the pin, not of the load. All raise LineError."""

    def claim(self, line: Line, high: bool) -> None: ...

    def write(self, line: Line, high: bool) -> None: ...

    def read(self, line: Line) -> bool: ...


class LgpioWires:
    """Lines by lgpio. The working directory must be writable: lgpio puts a pipe of its own there at import."""

    def __init__(self) -> None:
        import lgpio

        self._lg = lgpio
        self._handles: dict[str, int] = {}

    def claim(self, line: Line, high: bool) -> None:
        try:
            self._lg.gpio_claim_output(self._handle(line), line.pin, int(high))
        except self._lg.error as error:
            raise LineError(f"{line.name}: GPIO {line.pin}: {error}") from error

    def write(self, line: Line, high: bool) -> None:
        try:
            self._lg.gpio_write(self._handle(line), line.pin, int(high))
        except self._lg.error as error:
            raise LineError(f"{line.name}: GPIO {line.pin}: {error}") from error

    def read(self, line: Line) -> bool:
        try:
            return bool(self._lg.gpio_read(self._handle(line), line.pin))
        except self._lg.error as error:
            raise LineError(f"{line.name}: GPIO {line.pin}: {error}") from error

    def _handle(self, line: Line) -> int:
        if line.chip not in self._handles:
            self._handles[line.chip] = open_chip(self._lg, (line.chip,) if line.chip else HEADER_LABELS)
        return self._handles[line.chip]


def open_chip(lg: Any, labels: Sequence[str]) -> int:
    """The handle of the chip with one of these labels. A chip that is not it was only looked at and is closed.
    Raises LineError when there is none."""
    for number in range(CHIPS_MAX):
        try:
            handle = int(lg.gpiochip_open(number))
        except lg.error:
            continue
        if lg.gpio_get_chip_info(handle)[3] in labels:
            return handle
        lg.gpiochip_close(handle)
    raise LineError(f"no GPIO chip {' or '.join(labels)}")


class GpiozeroWires:
    """Lines by gpiozero. Lines of an expander, which gpiozero does not know, are kept in memory: demo only."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._devices: dict[str, OutputDevice] = {}
        self._memory: dict[str, bool] = {}

    def claim(self, line: Line, high: bool) -> None:
        from gpiozero import OutputDevice

        if line.chip or line.name in self._devices:
            self.write(line, high)
            return
        try:
            device = OutputDevice(line.pin, initial_value=high, pin_factory=self._factory)
        except gpio_errors() as error:
            raise LineError(f"{line.name}: GPIO {line.pin}: {error}") from error
        self._devices[line.name] = device

    def write(self, line: Line, high: bool) -> None:
        if line.chip:
            self._memory[line.name] = high
            return
        try:
            self._devices[line.name].value = high
        except gpio_errors() as error:
            raise LineError(f"{line.name}: GPIO {line.pin}: {error}") from error

    def read(self, line: Line) -> bool:
        if line.chip:
            return self._memory[line.name]
        try:
            return bool(self._devices[line.name].value)
        except gpio_errors() as error:
            raise LineError(f"{line.name}: GPIO {line.pin}: {error}") from error


def gpio_errors() -> tuple[type[Exception], ...]:
    """What gpiozero lets through when a line is busy, absent or forbidden; lgpio's error has no base of its own."""
    from gpiozero import GPIOZeroError

    lgpio = sys.modules.get("lgpio")
    return (GPIOZeroError, OSError) if lgpio is None else (GPIOZeroError, OSError, lgpio.error)


def steady_factory(chip: int | None = None, revision: int | None = None) -> Factory:
    """gpiozero's lgpio factory, cured: an output is claimed with its level and is not given back.

    For outputs only; an input device of gpiozero is well served by the factory as it comes. `chip` and the
    Pi's `revision` code are asked from the Pi itself when None. Raises LineError where there is no Pi."""
    import lgpio
    from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

    class SteadyPin(LGPIOPin):  # type: ignore[misc]
        def __init__(self, factory: Factory, info: object) -> None:
            # Past LGPIOPin.__init__, which claims the line as an input.
            super(LGPIOPin, self).__init__(factory, info)
            self._pwm = self._bounce = self._callback = None
            self._edges = lgpio.BOTH_EDGES

        def output_with_state(self, state: bool) -> None:
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))

        def close(self) -> None:
            """Leaves the line as it is driven."""

    class SteadyFactory(LGPIOFactory):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(chip)
            self.pin_class = SteadyPin

        def _get_revision(self) -> int:
            return super()._get_revision() if revision is None else revision

        def close(self) -> None:
            """Keeps the chip open: the kernel lets its lines go when the process is gone, and not before."""

    try:
        return SteadyFactory()
    except gpio_errors() as error:
        raise LineError(f"gpiozero: {error}") from error


class Bank:
    """All lines of a table on their wires, by what the load feels (`on`). Never raises: a line that fails
    is kept in `broken` with the reason and claimed again by `mend`; the others work on."""

    def __init__(self, wires: Wires, lines: Sequence[Line]) -> None:
        self.broken: dict[str, str] = {}
        self._wires = wires
        self._lines = {line.name: line for line in lines}
        self._written: dict[str, bool] = {}

    def apply(self, levels: Mapping[str, bool]) -> None:
        """Claim what was never claimed, write what changed. Names of other carriers are let pass."""
        for name, on in levels.items():
            if name in self._lines and name not in self.broken and self._written.get(name) != on:
                self._drive(self._lines[name], on)

    def _drive(self, line: Line, on: bool) -> None:
        move = self._wires.write if line.name in self._written else self._wires.claim
        try:
            move(line, on == line.active_high)
        except LineError as error:
            self._fail(line, error)
        else:
            self._written[line.name] = on

    def _fail(self, line: Line, error: LineError) -> None:
        self.broken[line.name] = str(error)
        self._written.pop(line.name, None)

    def mend(self) -> None:
        """Let the next `apply` try the broken lines again."""
        self.broken = {}

    def read(self) -> dict[str, bool | None]:
        """The relays as their pins really stand, None where that cannot be read; of the lamps only those
        that are broken: a blinking lamp is not worth reading."""
        relays = {name: self._read(line) for name, line in self._lines.items() if line.kind == RELAY}
        return dict.fromkeys(self.broken) | relays

    def _read(self, line: Line) -> bool | None:
        if line.name not in self._written:
            return None
        try:
            on = self._wires.read(line) == line.active_high
        except LineError as error:
            self._fail(line, error)
            return None
        # What was read is what stands there: an order for another value is written anew.
        self._written[line.name] = on
        return on

    def pins(self) -> dict[str, bool | None]:
        """Every line, lamps too, as the pin really stands."""
        return {name: self._read(line) for name, line in self._lines.items()}
