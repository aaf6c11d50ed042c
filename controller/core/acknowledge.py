"""The desk has seen it: smoke or water that is over, the call for help, a failed battery, a question of R21."""

from __future__ import annotations

from controller.core.answers import no, ok
from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.gestures import acknowledge_hazards
from controller.core.hold import put
from controller.core.records import Because, Reply
from controller.core.room import Rank
from hardware.contract import NEVER_MS


def acknowledge(draft: Draft, event: Command) -> Reply:
    """The desk has seen smoke or water that is over (R16), or the call for help: its lamp goes steady. Or the
    failed battery: it may be tested again (R7). Or what `unseen` asks is answered: `unseen`, `seen` (R21)."""
    if event.args[:1] == ("battery",):
        return _battery(draft, event)
    if event.args[:1] in (("unseen",), ("seen",)):
        return _unseen(draft, event)
    if acknowledge_hazards(draft):
        return ok(event)
    if "help" not in draft.holds:
        return no(event, "nothing_to_acknowledge")
    put(draft, "help", (), "acknowledged", Rank.IDLE, Because("help", "help.acknowledged"), NEVER_MS)
    return ok(event)


def _battery(draft: Draft, event: Command) -> Reply:
    kept = draft.marks.get("!self_test")
    if kept is None or not isinstance(kept.value, tuple) or kept.value[0] != "failed":
        return no(event, "nothing_to_acknowledge")
    draft.keep("!self_test", ("acknowledged", *kept.value[1:]))
    return ok(event)


def _unseen(draft: Draft, event: Command) -> Reply:
    """R21: only a named person makes a finding of what two sensors asked."""
    asked = [n for n, kept in draft.marks.items() if n.startswith("!unseen.") and kept.value in ("asked", "would")]
    for name in asked:
        draft.keep(name, ("confirmed" if event.args[0] == "unseen" else "somebody", event.by))
    return ok(event) if asked else no(event, "nothing_to_acknowledge")
