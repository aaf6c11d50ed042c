"""What a simulated upsd tells of its UPS: variables and status words, and what may be wrong with the daemon.

Pure. Names of docs/nut-names.txt. Not here: requests and answers (nut.py), what may be written (nut_write.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.sim import nut_write
from hardware.sim.ups import SimUps


@dataclass
class UpsdFaults:
    """What may be wrong with the daemon; change a field while it runs."""

    driver_gone: bool = False
    stale: bool = False
    hangs: bool = False
    wait_until_ms: int = 0
    bypassed: bool = False
    fsd: bool = False
    alarm: str = ""
    extra: tuple[str, ...] = ()
    """Status tokens that nobody has heard of."""
    missing: frozenset[str] = frozenset()
    """Variables this type of UPS does not have (a Megatec type has no battery.runtime)."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """Variables overwritten with nonsense."""
    no_commands: bool = False
    set_fails: bool = False


def variables(ups: SimUps, faults: UpsdFaults, now_ms: int) -> dict[str, str]:
    """All that it has now; while the driver has just begun, a part and WAIT."""
    found = {"device.mfr": "Santak", "device.model": "MT 1000", "driver.name": "sim"}
    if now_ms < faults.wait_until_ms:
        return {**found, "ups.status": "WAIT"}
    found.update(_figures(ups, faults))
    found["ups.status"] = " ".join(_tokens(ups, faults))
    found.update(faults.odd)
    for name in faults.missing:
        found.pop(name, None)
    return found


def _figures(ups: SimUps, faults: UpsdFaults) -> dict[str, str]:
    texts = {"ups.test.result": ups.test_result, "ups.alarm": faults.alarm}
    return {
        "battery.charge": f"{ups.charge_pct:.0f}",
        "battery.runtime": f"{ups.runtime_s:.0f}",
        "battery.voltage": f"{20.8 + 6.6 * ups.charge_pct / 100:.2f}",
        "input.voltage": f"{ups.input_v:.1f}",
        "output.voltage": "230.0" if ups.output else "0.0",
        "ups.load": f"{ups.load_pct:.0f}",
        "ups.temperature": "31.5",
        **{name: text for name, text in texts.items() if text},
        **nut_write.shown(ups),
    }


def _tokens(ups: SimUps, faults: UpsdFaults) -> list[str]:
    battery, good = ups.on_battery, ups.mains_good
    shown = {
        "ALARM": bool(faults.alarm),
        "FSD": faults.fsd or ups.cutting,
        "OL": not battery,
        "OB": battery,
        "DISCHRG": battery,
        "CHRG": not battery and ups.charge_pct < 99.5,
        "LB": ups.low,
        "RB": ups.worn,
        "CAL": ups.testing and ups.spec.shows_cal,
        "OVER": ups.load_pct > 100,
        "BOOST": good and not battery and ups.input_v < 205,
        "TRIM": good and not battery and ups.input_v > 245,
        "OFF": not ups.output,
        "BYPASS": faults.bypassed,
    }
    return [*(token for token, on in shown.items() if on), *faults.extra]


def quoted(value: str) -> str:
    return f'"{value.translate(_ESCAPED)}"'


_ESCAPED = str.maketrans({'"': '\\"', "\\": "\\\\"})
