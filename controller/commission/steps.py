"""The fourteen steps as a table: which items each has in this room, and which script makes one.

What a room has not is no item of it: not applicable, and never called passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from controller.commission import loads, media, panel, papers, power
from controller.commission.book import Book
from controller.commission.place import Place
from controller.commission.site import Site
from controller.commission.talk import Talk, Verdict

Items = Callable[[Site], tuple[str, ...]]
Script = Callable[[Place], Talk[Verdict]]
ACCEPTANCE = 14
PULLED = ("pull", "back")


@dataclass(frozen=True, slots=True)
class Step:
    """`others`: items with a script of their own. `watched`: items during which the controller may run: its view is
    read and nothing is ordered."""

    n: int
    items: Items
    script: Script
    others: tuple[tuple[str, Script], ...] = ()
    watched: tuple[str, ...] = ()

    def talk(self, at: Place) -> Talk[Verdict]:
        """The script of one item, begun."""
        return dict(self.others).get(at.item, self.script)(at)


def _answering(site: Site) -> tuple[str, ...]:
    return ("by_hand", *(row[0] for row in site.sources), "unused")


def _relays(site: Site) -> tuple[str, ...]:
    return ("automatic", *(("nominal",) if site.ups else ()), *(row.name for row in site.outlets))


def _wired(site: Site) -> tuple[str, ...]:
    lamps = (*site.lamps, *((site.buzzer,) if site.buzzer else ()))
    return (*(f"input.{name}" for name in site.inputs), *(f"lamp.{name}" for name in lamps))


def _proven(site: Site) -> tuple[str, ...]:
    return tuple(row.name for row in site.outlets if row.silent and row.cls != "network")


def _acceptance(at: Place) -> Talk[Verdict]:
    return papers.acceptance(at.book, items_before(at.site))


_STEP1 = (("by_hand", papers.key), ("unused", papers.unused))
_STEP2 = (("automatic", papers.key), ("nominal", loads.nominal))
STEPS: tuple[Step, ...] = (
    Step(1, _answering, papers.identity, _STEP1),
    Step(2, _relays, loads.relay, _STEP2),
    Step(3, _wired, panel.wired),
    Step(4, _proven, loads.cold),
    Step(5, lambda site: PULLED if site.ups else (), power.mains_go, (("back", power.mains_back),), ("back",)),
    Step(6, lambda _: PULLED, power.pi_go, (("back", power.pi_back),), ("back",)),
    Step(7, lambda _: ("network",), power.network),
    Step(8, lambda site: ("microphones",) if site.mutes else (), media.microphones),
    Step(9, lambda site: ("out", "in") if site.codec else (), media.call_out, (("in", media.call_in),)),
    Step(10, lambda site: tuple(row.name for row in site.seats), media.seat),
    Step(11, lambda _: ("settings",), papers.settings),
    Step(12, lambda _: papers.CONTACTS, papers.contact),
    Step(13, lambda _: papers.PLACES, papers.photo),
    Step(ACCEPTANCE, lambda _: ("acceptance",), _acceptance),
)


def items_before(site: Site) -> tuple[tuple[int, str], ...]:
    """Every item that acceptance rests on."""
    return tuple((step.n, item) for step in STEPS if step.n != ACCEPTANCE for item in step.items(site))


def following(site: Site, book: Book, only: int = 0) -> tuple[Step, str] | None:
    """The first item without a result, of all steps or of one; None = nothing is left."""
    for step in STEPS:
        for item in step.items(site) if only in (0, step.n) else ():
            if book.of(step.n, item) is None:
                return step, item
    return None


def reopened(book: Book, n: int) -> Book:
    """After a change of device, Pi or wiring: this step again, and with it the acceptance."""
    return book.again(n, ACCEPTANCE)


def accepted(site: Site, book: Book) -> bool:
    """Step 14 said so, and everything under it still stands."""
    row = book.of(ACCEPTANCE, "acceptance")
    return row is not None and row.good and not papers.defects(book, items_before(site))
