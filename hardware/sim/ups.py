"""A UPS as a body: mains, battery, load, self-test, delayed cut. The truth that a simulated upsd reports.

Pure: time is an argument. Written from the habits of line-interactive room UPSes as NUT's drivers describe
them (docs/new-drivers.txt, docs/nut-names.txt), not from our own reader. Must not live here: any wire (nut.py,
megatec.py).

Traps on purpose, all seen in the field: OB without CAL in a self-test (`shows_cal`), no cut when the mains
returned before the delay ended (`cuts_on_mains`), staying off after depletion (`auto_start`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from hardware.contract import NEVER_MS

_EFFICIENCY = 0.85
"""Inverter; the rest is heat."""

_RECHARGE_MS = 6 * 3_600_000
"""Empty to full, as data sheets of this size say."""

TEST_MS = 10_000
CUT_DELAY_MS = 20_000
START_DELAY_MS = 30_000
"""Defaults of NUT's ups.delay.shutdown and ups.delay.start."""


@dataclass
class UpsSpec:
    """What was bought, and how it is set. `health` is the share of the capacity that is left; under 0.5 the
    self-test fails. `low_pct` or `low_runtime_s` left is a low battery. `cut_delay_ms`, `start_delay_ms`: of a cut
    that names none, and from the mains' return to the output's."""

    capacity_wh: float = 216.0
    nominal_w: float = 900.0
    load_w: float = 180.0
    health: float = 1.0
    shows_cal: bool = True
    cuts_on_mains: bool = False
    auto_start: bool = True
    low_pct: float = 20.0
    low_runtime_s: float = 120.0
    cut_delay_ms: int = CUT_DELAY_MS
    start_delay_ms: int = START_DELAY_MS
    id: str = "room"


class SimUps:
    """The UPS of one room. Every call first brings it to `now_ms`; `wake_ms` is its next change by itself."""

    def __init__(self, spec: UpsSpec | None = None, now_ms: int = 0) -> None:
        self.spec = spec or UpsSpec()
        self.output = True
        self.input_v = 230.0
        self.test_result = ""
        self._now_ms = now_ms
        self._energy_wms = self._full_wms
        self._test_end_ms = NEVER_MS
        self._cut_ms = NEVER_MS
        self._start_ms = NEVER_MS
        self._back_ms: int | None = self.spec.start_delay_ms
        """Between the cut and the return, with the mains there; None = it stays off until told (S00R0000)."""

    # -- what the world does to it

    def mains(self, on: bool, now_ms: int, volts: float = 230.0) -> None:
        """The mains come, go, or change their voltage."""
        self.advance(now_ms)
        self.input_v = volts if on else 0.0
        if not self.mains_good and self.testing:
            self._end_test("Aborted")
        if self.mains_good and not self.output and self.spec.auto_start and self._back_ms is not None:
            self._start_ms = now_ms + self.spec.start_delay_ms

    def load(self, watts: float, now_ms: int) -> None:
        """The sum of what hangs on it."""
        self.advance(now_ms)
        self.spec.load_w = watts

    # -- what upsd or a serial line does to it: each True = the UPS took it

    def test(self, now_ms: int, for_ms: int = TEST_MS) -> bool:
        """On battery for so long; the quick test is ten seconds. Refused on battery and while one runs."""
        self.advance(now_ms)
        if self.on_battery or not self.output:
            return False
        self.test_result, self._test_end_ms = "In progress", now_ms + for_ms
        return True

    def stop_test(self, now_ms: int) -> bool:
        """End a test early."""
        self.advance(now_ms)
        if self.testing:
            self._end_test("Aborted")
        return True

    def shutdown_return(
        self, now_ms: int, delay_ms: int = CUT_DELAY_MS, back_ms: int | None = START_DELAY_MS
    ) -> bool:
        """Cut the output after the delay; come back `back_ms` later, or when the mains do; None = not at all."""
        self.advance(now_ms)
        self._cut_ms, self._back_ms = now_ms + delay_ms, back_ms
        return True

    def shutdown_as_set(self, now_ms: int) -> bool:
        """The same, with its own delays."""
        return self.shutdown_return(now_ms, self.spec.cut_delay_ms, self.spec.start_delay_ms)

    def load_on(self, now_ms: int) -> bool:
        """Switch the output on again, as far as there is something to feed it."""
        self.advance(now_ms)
        self._back_ms = self.spec.start_delay_ms
        if not self.output and self.mains_good:
            self._start_ms = now_ms
        return True

    def shutdown_stop(self, now_ms: int) -> bool:
        """Forget a cut that has not happened."""
        self.advance(now_ms)
        self._cut_ms = NEVER_MS
        return True

    # -- what it is

    @property
    def testing(self) -> bool:
        return self._test_end_ms != NEVER_MS

    @property
    def cutting(self) -> bool:
        """A cut is ordered and has not happened yet."""
        return self._cut_ms != NEVER_MS

    @property
    def mains_good(self) -> bool:
        """Within what the transformer taps can correct."""
        return 165.0 <= self.input_v <= 275.0

    @property
    def on_battery(self) -> bool:
        return self.output and (self.testing or not self.mains_good)

    @property
    def alive(self) -> bool:
        """Its electronics have power; without, nothing answers."""
        return self.output or self.mains_good

    @property
    def charge_pct(self) -> float:
        return 100.0 * self._energy_wms / self._full_wms

    @property
    def runtime_s(self) -> float:
        return self._energy_wms / self._drain_w / 1000.0

    @property
    def load_pct(self) -> float:
        return 100.0 * self.spec.load_w / self.spec.nominal_w if self.output else 0.0

    @property
    def low(self) -> bool:
        return self.on_battery and (
            self.charge_pct <= self.spec.low_pct or self.runtime_s <= self.spec.low_runtime_s
        )

    @property
    def worn(self) -> bool:
        """Its own test found the battery bad."""
        return self.test_result == "Done and error"

    @property
    def face(self) -> tuple[object, ...]:
        """All that can be seen of it from outside: while this is equal, a daemon has nothing new to tell."""
        battery = (self._energy_wms, self.spec.capacity_wh, self.spec.health, self.spec.shows_cal)
        spec = self.spec
        load = (spec.load_w, spec.nominal_w)
        as_set = (spec.low_pct, spec.low_runtime_s, spec.cut_delay_ms, spec.start_delay_ms, spec.id)
        return (self.output, self.input_v, self.test_result, self._test_end_ms, self._cut_ms, battery, load, as_set)

    @property
    def wake_ms(self) -> int:
        return min(self._test_end_ms, self._cut_ms, self._start_ms, self._empty_ms())

    def advance(self, now_ms: int) -> None:
        """Live until `now_ms`, every change on the way at its own time."""
        while (at_ms := self.wake_ms) <= now_ms:
            self._integrate(max(at_ms, self._now_ms))
            self._change()
        self._integrate(max(now_ms, self._now_ms))

    @property
    def _full_wms(self) -> float:
        return self.spec.capacity_wh * self.spec.health * 3_600_000.0

    @property
    def _drain_w(self) -> float:
        # Ten watts of its own: a UPS without load does not run for ever.
        return self.spec.load_w / _EFFICIENCY + 10.0

    def _empty_ms(self) -> int:
        if not self.on_battery:
            return NEVER_MS
        return self._now_ms + ceil(self._energy_wms / self._drain_w)

    def _integrate(self, to_ms: int) -> None:
        span_ms = to_ms - self._now_ms
        if self.on_battery:
            self._energy_wms = max(0.0, self._energy_wms - self._drain_w * span_ms)
        elif self.mains_good:
            gained = self._full_wms * span_ms / _RECHARGE_MS
            self._energy_wms = min(self._full_wms, self._energy_wms + gained)
        self._now_ms = to_ms

    def _change(self) -> None:
        """Apply what falls due at the present moment; each branch removes its own cause."""
        if self._energy_wms <= 0.0 and self.on_battery:
            self._cut()
        if self._test_end_ms <= self._now_ms:
            self._end_test("Done and error" if self.spec.health < 0.5 else "Done and passed")
        if self._cut_ms <= self._now_ms:
            self._cut_ms = NEVER_MS
            if self.spec.cuts_on_mains or not self.mains_good:
                self._cut()
        if self._start_ms <= self._now_ms:
            self._start_ms, self._back_ms = NEVER_MS, self.spec.start_delay_ms
            self.output = True

    def _cut(self) -> None:
        if self.testing:
            self._end_test("Done and error")
        self.output = False
        self._cut_ms = NEVER_MS
        if self.mains_good and self._back_ms is not None:
            self._start_ms = self._now_ms + self._back_ms

    def _end_test(self, words: str) -> None:
        self.test_result, self._test_end_ms = words, NEVER_MS
