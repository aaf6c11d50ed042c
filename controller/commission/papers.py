"""Steps 1 and 11 to 14: what answers, approved settings, contacts, labels and photos, acceptance.

Step 14 accepts nothing that was not passed: an item that failed or could not be made leaves refusing as the only
word. Phone numbers are written nowhere; a record keeps that somebody was reached (R15).
"""

from __future__ import annotations

from controller.commission.book import Book
from controller.commission.loads import everything
from controller.commission.place import Place
from controller.commission.talk import (
    FAILED,
    Pause,
    Talk,
    Verdict,
    ask,
    choose,
    facts,
    failed,
    passed,
    say,
    seen,
    write,
)
from hardware.contract import Value

ANSWER_MS = 240_000
"""By hand it may just have got its power; the slowest codec boots for three minutes."""
NAME_MS = 3_000
"""Some answer before they have said who they are."""
CONTACTS = ("technician", "desk", "provider", "power")
PLACES = ("box", "breakers", "cabinet", "cables", "panel", "poster")
SETTINGS = (
    "codec.identity",
    "codec.software",
    "codec.autoanswer",
    "codec.volume",
    "ups.model",
    "ups.beeper",
)
ACCEPT, REFUSE = "accept", "refuse"
SIGNERS = ("technician", "unit", "main_site")
"""As form A of the network is signed: cán bộ kỹ thuật, lãnh đạo đơn vị, điểm cầu chính."""


def identity(at: Place) -> Talk[Verdict]:
    """Step 1: it answers, and says who it is; nothing was ordered."""
    _, fact, good = next(row for row in at.site.sources if row[0] == at.item)
    if (yield from seen(ANSWER_MS, ((fact, (good,)),))) is None:
        return failed("commission.defect.silent", at.item)
    yield Pause(NAME_MS)
    found = yield from facts()
    who = str(found.get(f"{at.item}.identity") or found.get(f"{at.item}.model") or "")
    return passed(identity=who)


def key(at: Place) -> Talk[Verdict]:
    """Steps 1 and 2: by hand everything has power past untested relays; then back to automatic."""
    turned = yield from ask(f"commission.q.{at.item}")
    return passed() if turned else failed("commission.defect.key", at.item)


def unused(at: Place) -> Talk[Verdict]:
    """Step 1, last: ports and sensors that room.toml does not name."""
    if at.site.unused:
        yield from say("commission.say.unused", ", ".join(at.site.unused))
    if at.site.unused and not (yield from ask("commission.q.unused")):
        return failed("commission.defect.unused", ", ".join(at.site.unused))
    return passed(unused=", ".join(at.site.unused))


def settings(at: Place) -> Talk[Verdict]:
    """Step 11: as they are now, if a person approves them."""
    yield from everything(at.site)
    found = yield from facts()
    wanted = (*SETTINGS, *(f"{source}.identity" for source, *_ in at.site.sources if source.startswith("camera.")))
    listed = sorted(name for name in found if name.startswith("setting."))
    rows: dict[str, Value] = {n: found[n] for n in (*wanted, *listed) if found.get(n) is not None}
    yield from say("commission.say.settings", ", ".join(f"{name} = {value}" for name, value in rows.items()))
    good = yield from ask("commission.q.settings")
    return passed(**rows) if good else failed("commission.defect.settings")


def contact(at: Place) -> Talk[Verdict]:
    """Step 12: phoned, and somebody came to the phone who knows of this room."""
    who = yield from write("commission.q.contact", at.item)
    reached = yield from ask("commission.q.reached", who)
    return passed(name=who) if reached else failed("commission.defect.contact", at.item, who)


def photo(at: Place) -> Talk[Verdict]:
    """Step 13: labelled, and where its photo lies."""
    if not (yield from ask("commission.q.label", at.item)):
        return failed("commission.defect.label", at.item)
    return passed(photo=(yield from write("commission.q.photo", at.item)))


def defects(book: Book, items: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    """Every item before acceptance that is not passed: failed, could not be made, or never made."""
    rows = (((step, item), book.of(step, item)) for step, item in items)
    return tuple(place for place, row in rows if row is None or not row.good)


def acceptance(book: Book, items: tuple[tuple[int, str], ...]) -> Talk[Verdict]:
    """Step 14: the defects are read out, three people give their names, one word is said."""
    bad = defects(book, items)
    yield from say("commission.say.sum", len(items) - len(bad), len(items))
    for step, item in bad:
        yield from say("commission.say.defect", step, item)
    names: dict[str, Value] = {}
    for role in SIGNERS:
        names[role] = yield from write("commission.q.signer", role)
    words = (REFUSE,) if bad else (ACCEPT, REFUSE)
    word = yield from choose("commission.q.accept", words)
    if word == ACCEPT and not bad:
        return passed(**names)
    reason = yield from write("commission.q.refused")
    figures: tuple[tuple[str, Value], ...] = (*names.items(), ("reason", reason))
    places = ", ".join(f"{step}: {item}" for step, item in bad)
    return Verdict(FAILED, figures, "commission.defect.refused", (reason, places))
