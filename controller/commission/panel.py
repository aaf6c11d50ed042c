"""Step 3: every button, contact and lamp by hand."""

from __future__ import annotations

from controller.commission.place import Place
from controller.commission.site import Site
from controller.commission.talk import Show, Talk, Verdict, ask, failed, hear, passed, say

PRESS_MS = 120_000
"""From the terminal to the last smoke detector and up a chair."""


def wired(at: Place) -> Talk[Verdict]:
    kind, _, name = at.item.partition(".")
    return (yield from (_input(at.site, name) if kind == "input" else _lamp(name)))


def _input(site: Site, name: str) -> Talk[Verdict]:
    yield from say("commission.say.press", name, site.inputs[name])
    heard = yield from hear(PRESS_MS)
    if not heard:
        return failed("commission.defect.no_edge", name)
    return passed() if heard == name else failed("commission.defect.other_edge", name, heard, swapped=heard)


def _lamp(name: str) -> Talk[Verdict]:
    yield Show(((name, "steady"),))
    lit = yield from ask("commission.q.lamp", name)
    return passed() if lit else failed("commission.defect.lamp", name)
