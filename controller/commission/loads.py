"""Steps 2 and 4: relay by relay, then three cold starts each.

Off is proven too: device silent, or the UPS's load fell, or a person saw it; else it is welded or bypassed.
The codec sleeps before its relay opens (R13). The line's own relay is only power-cycled, by the keeper alone: the
technician's terminal may hang on it.
"""

from __future__ import annotations

from controller.commission.place import Place
from controller.commission.site import Outlet, Site
from controller.commission.talk import (
    Pause,
    Talk,
    Verdict,
    ask,
    choose,
    count,
    do,
    facts,
    failed,
    passed,
    say,
    seen,
)
from hardware.contract import Value

STARTS = 3
MARGIN = 1.3
"""The slowest of three starts, and a third more: a cold morning is slower than today."""
SILENT_MS = 60_000
"""A dead device is asked three times before it is called silent."""
READY_MS = 300_000
"""The slowest codec takes three minutes; what is not there after five does not come."""
SETTLE_MS = 15_000
"""Capacitors charge and the UPS measures anew."""
MARGIN_MS = 1_000
FELL_PCT = 0.5
"""The UPS's own step: less cannot be told from its noise."""
NONE = "none"


def relay(at: Place) -> Talk[Verdict]:
    """Step 2: on, which one was it, how much does it draw, off, is it off."""
    outlet = at.site.outlet(at.item)
    if outlet.cls == "network":
        return (yield from _line(outlet))
    if outlet.computer and not (yield from ask("commission.q.computer", outlet.label)):
        return failed("commission.defect.computer", at.item)
    yield from switch_off(outlet)
    yield Pause(SETTLE_MS)
    before = yield from load_pct()
    if code := (yield from switch_on(outlet)):
        return failed("commission.defect.relay", at.item, code)
    which = yield from choose("commission.q.which", (*(row.label for row in at.site.outlets), NONE), outlet.label)
    if which != outlet.label:
        yield from switch_off(outlet)
        return _wrong(at.site, outlet, which)
    yield from seen(READY_MS, outlet.shows)
    yield Pause(SETTLE_MS)
    drawn = _rise(before, (yield from load_pct())) if outlet.on_ups else None
    if not (yield from gone(outlet)):
        return failed("commission.defect.welded", at.item)
    return passed(**({} if drawn is None else {"ups_pct": drawn, "base_pct": before}))


def _line(outlet: Outlet) -> Talk[Verdict]:
    yield from say("commission.say.line", outlet.label)
    if code := (yield from do(f"load.{outlet.name}", "cycle", 120_000)):
        return failed("commission.defect.relay", outlet.name, code)
    good = yield from ask("commission.q.line", outlet.label)
    return passed() if good else failed("commission.defect.line", outlet.name)


def _wrong(site: Site, outlet: Outlet, which: str) -> Verdict:
    """Another one went on: two are swapped; or none did."""
    other = next((row.name for row in site.outlets if row.label == which), "")
    if not other:
        return failed("commission.defect.nothing", outlet.name)
    return failed("commission.defect.swapped", outlet.name, other, swapped=other)


def switch_off(outlet: Outlet) -> Talk[None]:
    """In the right order; whether it is off is another question."""
    if outlet.silent == "codec.answers" and (yield from facts()).get(outlet.silent) is True:
        yield from do("codec.power", "asleep")
        yield from seen(SILENT_MS, (("codec.power", ("asleep",)),))
    yield from do(f"load.{outlet.name}", "off")


def switch_on(outlet: Outlet) -> Talk[str]:
    """The keeper refuses while the least time off lasts, also after its own start: waited for once."""
    code = yield from do(f"load.{outlet.name}", "on")
    if code != "min_off":
        return code
    yield Pause(round(1000 * outlet.floor_s) + MARGIN_MS)
    return (yield from do(f"load.{outlet.name}", "on"))


def everything(site: Site) -> Talk[None]:
    """On, and answering as far as it ever will: what is tested next finds out about the rest."""
    for outlet in site.outlets:
        yield from switch_on(outlet)
    for outlet in site.outlets:
        yield from seen(READY_MS, outlet.shows)


def gone(outlet: Outlet) -> Talk[bool]:
    """Switched off, and proven so."""
    before = yield from load_pct()
    yield from switch_off(outlet)
    if outlet.silent:
        return (yield from seen(SILENT_MS, ((outlet.silent, (False,)),))) is not None
    yield Pause(SETTLE_MS)
    after = yield from load_pct()
    if outlet.on_ups and before is not None and after is not None and before - after >= FELL_PCT:
        return True
    return (yield from ask("commission.q.dark", outlet.label))


def load_pct() -> Talk[float | None]:
    """What the UPS carries, in percent of its nominal load."""
    value = (yield from facts()).get("ups.load_pct")
    return float(value) if isinstance(value, int | float) else None


def _rise(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else round(max(0.0, after - before), 1)


def cold(at: Place) -> Talk[Verdict]:
    """Step 4: three cold starts; the slowest of each figure, and a third more. What does it do by itself?"""
    outlet, warm, off = at.site.outlet(at.item), [], []
    for _ in range(STARTS):
        yield from switch_off(outlet)
        fell = yield from seen(SILENT_MS, ((outlet.silent, (False,)),))
        if fell is None:
            return failed("commission.defect.not_silent", at.item)
        off.append(fell)
        yield Pause(round(1000 * outlet.floor_s))
        if code := (yield from switch_on(outlet)):
            return failed("commission.defect.relay", at.item, code)
        took = yield from seen(READY_MS, outlet.shows)
        if took is None:
            return failed("commission.defect.not_ready", at.item, READY_MS // 1000)
        warm.append(took)
    figures: dict[str, Value] = {"warmup_s": _learnt(warm), "off_s": _learnt(off)}
    figures["after_mains"] = yield from _by_itself(outlet)
    yield from switch_off(outlet)
    return passed(**figures)


def _learnt(times_ms: list[int]) -> float:
    return round(max(times_ms) * MARGIN / 1000, 1)


def _by_itself(outlet: Outlet) -> Talk[str]:
    """Nobody has ordered anything but mains: is it awake? What its answer does not tell, a person sees."""
    fact = {"codec": "codec.power", "camera": ""}.get(outlet.cls, f"display.{outlet.name}.power")
    word = (yield from facts()).get(fact)
    if outlet.cls == "camera" or word in ("awake", "on", "warming"):
        return "on"
    if word is not None:
        return "standby"
    return "on" if (yield from ask("commission.q.by_itself", outlet.label)) else "standby"


def nominal(_: Place) -> Talk[Verdict]:
    """Step 2, first: what 100 % of the UPS is, as its label says, in watts."""
    watts = yield from count("commission.q.ups_w")
    return passed(nominal_w=watts) if 50 <= watts <= 20_000 else failed("commission.defect.watts", watts)
