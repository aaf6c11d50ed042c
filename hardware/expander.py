"""Input lines of an I²C expander, through the kernel's GPIO character device (`dtoverlay=pcf857x,…`, `mcp23017,…`).

Law of this file: lines only, no meaning and no debounce. gpiozero knows the Pi's header alone, so lgpio is called
here as in relays.py. A chip is found by its label, never by its number, which changes with kernel and overlays.

A line of a chip without an interrupt wire tells no edges: it is claimed as a plain input then, and seen when levels
are looked at. That will do for a contact and not for a button; `config check` says so.
The chip resets with its own supply: what it reads after a brown-out is as wired, for it drives nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from hardware.relays import LineError, open_chip

if TYPE_CHECKING:
    from hardware.panel import InputSpec


class InputLine(Protocol):
    """One line as it was claimed. `high` may raise LineError."""

    def high(self) -> bool: ...

    def close(self) -> None: ...


class Expanders:
    """All chips of this process. The working directory must be writable: lgpio puts a pipe of its own there."""

    def __init__(self) -> None:
        import lgpio

        self._lg = lgpio
        self._handles: dict[str, int] = {}

    def claim(self, spec: InputSpec, edge: Callable[[bool], None]) -> InputLine:
        """The line of `spec`; `edge(high)` is called on lgpio's thread. Raises LineError: no such chip, busy."""
        if spec.chip not in self._handles:
            self._handles[spec.chip] = open_chip(self._lg, (spec.chip,))
        return _Line(self._lg, self._handles[spec.chip], spec, edge)

    def close(self) -> None:
        for handle in self._handles.values():
            self._lg.gpiochip_close(handle)
        self._handles = {}


class _Line:
    def __init__(self, lg: Any, handle: int, spec: InputSpec, edge: Callable[[bool], None]) -> None:
        self._lg, self._handle, self._spec = lg, handle, spec
        pull = {"up": lg.SET_PULL_UP, "down": lg.SET_PULL_DOWN}.get(spec.pull, lg.SET_PULL_NONE)
        self._callback: Any = None
        try:
            lg.gpio_claim_alert(handle, spec.pin, lg.BOTH_EDGES, pull)
        except lg.error:
            self._claim_still(pull)
        else:
            # 2 is lgpio's watchdog, which is not used.
            self._callback = lg.callback(
                handle, spec.pin, lg.BOTH_EDGES, lambda _chip, _pin, level, _tick: edge(level == 1)
            )

    def _claim_still(self, pull: int) -> None:
        """No interrupt, or not ours at all, which only the claim as an input tells."""
        try:
            self._lg.gpio_claim_input(self._handle, self._spec.pin, pull)
        except self._lg.error as error:
            raise self._error(error) from error

    def high(self) -> bool:
        try:
            return bool(self._lg.gpio_read(self._handle, self._spec.pin))
        except self._lg.error as error:
            raise self._error(error) from error

    def close(self) -> None:
        if self._callback is not None:
            self._callback.cancel()
        self._lg.gpio_free(self._handle, self._spec.pin)

    def _error(self, error: Exception) -> LineError:
        return LineError(f"{self._spec.name}: {self._spec.chip} line {self._spec.pin}: {error}")
