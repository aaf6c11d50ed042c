"""Steps 5 to 7: mains, the Pi and the network are pulled.

The power cut is the point of steps 5 and 6: the first item ends, and is on disk, before anything is pulled; the
second begins in the Pi's next life and looks what came back, or what fell.
"""

from __future__ import annotations

from controller.commission.book import Book
from controller.commission.loads import everything
from controller.commission.place import Place
from controller.commission.talk import Talk, Verdict, ask, facts, failed, passed, say, see, seen, undone
from hardware.contract import Value

HOURS_MS = 12 * 3_600_000
"""Longer than any UPS of a room lives: the Pi dies first."""
RETURN_MS = 600_000
"""The UPS waits for its charge, the Pi boots, the codec warms."""
CALL_MS = 300_000
LOST_MS = 120_000


def mains_go(_: Place) -> Talk[Verdict]:
    """Step 5, first half: it is on battery, and that is written down before the battery is empty."""
    if not (yield from ask("commission.q.pull_mains")):
        return undone("no")
    if (yield from see(LOST_MS, ups__source="battery")) is None:
        return failed("commission.defect.no_battery")
    found = yield from facts()
    return passed(charge_pct=found.get("ups.charge_pct"), runtime_s=found.get("ups.runtime_s"))


def mains_back(at: Place) -> Talk[Verdict]:
    """Step 5, second half, in the next life of the Pi; in the old one it only waits to die."""
    if not (before := _before(at.book, 5)):
        return undone("-")
    if before == at.boot:
        yield from say("commission.say.wait_dead")
        yield from seen(HOURS_MS, (("ups.source", ("never",)),))
        return failed("commission.defect.never_died")
    wanted: list[tuple[str, tuple[Value, ...]]] = [("ups.source", ("mains",)), ("keeper.up", (True,))]
    wanted += [(f"relay.{row.name}", ("on",)) for row in at.site.outlets if row.cls == "network"]
    if (yield from seen(RETURN_MS, tuple(wanted))) is None:
        now = yield from facts()
        return failed("commission.defect.no_return", ", ".join(n for n, good in wanted if now.get(n) not in good))
    up_s = (yield from facts()).get("host.uptime_s")
    alone = yield from ask("commission.q.alone")
    return passed(seen_after_boot_s=up_s) if alone else failed("commission.defect.helped")


def _before(book: Book, step: int) -> str:
    """The Pi's life in which it was pulled; '' = it was not."""
    row = book.of(step, "pull")
    return row.boot if row is not None and row.good else ""


def pi_go(at: Place) -> Talk[Verdict]:
    """Step 6, first half: everything on, and a call."""
    yield from everything(at.site)
    yield from say("commission.say.begin_call")
    if at.site.codec and (yield from see(CALL_MS, codec__in_call=True)) is None:
        return failed("commission.defect.no_call")
    if not (yield from ask("commission.q.pull_pi")):
        return undone("no")
    return passed()


def pi_back(at: Place) -> Talk[Verdict]:
    """Step 6, second half: what should have held has held, and the call goes on."""
    if not (before := _before(at.book, 6)):
        return undone("-")
    if before == at.boot:
        yield from say("commission.say.wait_pi")
        yield from seen(HOURS_MS, (("keeper.up", ("never",)),))
        return failed("commission.defect.never_died")
    told: dict[str, bool] = {}
    for row in at.site.outlets:
        if row.survives:
            told[row.name] = yield from ask("commission.q.fell", row.label)
    fell = [name for name, off in told.items() if off]
    if at.site.codec and (yield from see(LOST_MS, codec__in_call=True)) is None:
        fell.append("call")
    return failed("commission.defect.fell", ", ".join(fell)) if fell else passed()


def network(at: Place) -> Talk[Verdict]:
    """Step 7: without its line the room knows its devices as before."""
    yield from everything(at.site)
    if not (yield from ask("commission.q.pull_net")):
        return undone("no")
    here = tuple((fact, (good,)) for source, fact, good in at.site.sources if not source.startswith("display"))
    if (yield from seen(LOST_MS, here)) is None:
        return failed("commission.defect.needs_net")
    yield from ask("commission.q.net_back")
    if at.site.codec and (yield from see(RETURN_MS, codec__registered=(True, None))) is None:
        return failed("commission.defect.not_registered")
    return passed()
