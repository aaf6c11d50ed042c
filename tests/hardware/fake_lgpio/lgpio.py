"""A GPIO chip that writes down everything that is done to it; imported instead of lgpio by a process under test.

Not part of the product. The file named by FAKE_LGPIO is the chip's diary: one JSON line per call, appended at once,
over all processes. FAKE_LGPIO_BUSY names a pin that somebody else owns, FAKE_LGPIO_NO_IRQ a chip without edges.
`drive(handle, pin, level)` is the world's hand on an input: it calls back as lgpio's thread would.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

SET_PULL_NONE, SET_PULL_UP, SET_PULL_DOWN = 128, 32, 64
RISING_EDGE, FALLING_EDGE, BOTH_EDGES = 1, 2, 3
_OUT = 2

CHIPS = {0: "pinctrl-bcm2711", 1: "raspberrypi-exp-gpio", 2: "pcf8574"}
_levels: dict[tuple[int, int], int] = {}
_outputs: set[tuple[int, int]] = set()
_listeners: dict[tuple[int, int], Callable[[int, int, int, int], None]] = {}


class error(Exception):
    """As in lgpio: no base that one could catch but Exception."""


def _write(call: str, handle: int, *args: int) -> None:
    row = {"call": call, "chip": handle, "args": args, "pid": os.getpid(), "at_ns": time.monotonic_ns()}
    with open(os.environ["FAKE_LGPIO"], "a", encoding="ascii") as file:
        file.write(json.dumps(row) + "\n")


def gpiochip_open(chip: int) -> int:
    if chip not in CHIPS:
        raise error("can not open gpiochip")
    _write("open", chip)
    return chip


def gpiochip_close(handle: int) -> int:
    _write("close", handle)
    return 0


def gpio_get_chip_info(handle: int) -> list[object]:
    return [0, 58, f"gpiochip{handle}", CHIPS[handle]]


def gpio_get_mode(handle: int, pin: int) -> int:
    return _OUT if (handle, pin) in _outputs else 0


def gpio_claim_input(handle: int, pin: int, flags: int = 0) -> int:
    if str(pin) == os.environ.get("FAKE_LGPIO_BUSY"):
        raise error("GPIO busy")
    _outputs.discard((handle, pin))
    _levels.setdefault((handle, pin), int(flags == SET_PULL_UP))
    _write("claim_input", handle, pin)
    return 0


def gpio_claim_alert(handle: int, pin: int, edges: int, flags: int = 0) -> int:
    if str(handle) == os.environ.get("FAKE_LGPIO_NO_IRQ"):
        raise error("bad event request")
    _write("claim_alert", handle, pin, flags)
    _levels.setdefault((handle, pin), int(flags == SET_PULL_UP))
    return 0


class callback:
    """As lgpio's: `cancel` ends it."""

    def __init__(self, handle: int, pin: int, edge: int, func: Callable[[int, int, int, int], None]) -> None:
        self._place = (handle, pin)
        _listeners[self._place] = func

    def cancel(self) -> None:
        _listeners.pop(self._place, None)


def drive(handle: int, pin: int, level: int) -> None:
    _levels[handle, pin] = level
    if (handle, pin) in _listeners:
        _listeners[handle, pin](handle, pin, level, time.monotonic_ns())


def gpio_claim_output(handle: int, pin: int, level: int = 0, flags: int = 0) -> int:
    if str(pin) == os.environ.get("FAKE_LGPIO_BUSY"):
        raise error("GPIO busy")
    _outputs.add((handle, pin))
    _levels[handle, pin] = level
    _write("claim_output", handle, pin, level)
    return 0


def gpio_write(handle: int, pin: int, level: int) -> int:
    if (handle, pin) not in _outputs:
        raise error("GPIO not set as an output")
    _levels[handle, pin] = int(level)
    _write("write", handle, pin, int(level))
    return 0


def gpio_read(handle: int, pin: int) -> int:
    return _levels[handle, pin]


def gpio_free(handle: int, pin: int) -> int:
    _outputs.discard((handle, pin))
    _write("free", handle, pin)
    return 0


def tx_pwm(handle: int, pin: int, frequency: float, duty: float) -> int:
    raise error("not here")
