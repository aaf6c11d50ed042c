"""Commands that touch the Pi itself: an update now, a restart. Decided here as everything at the door; carried out
at the edge (runtime/pi_orders.py). Pure."""

from __future__ import annotations

from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.hold import refusal
from controller.core.records import Reply
from controller.core.room import Rank
from controller.core.state import State
from hardware.contract import Value

VERBS = ("update", "restart")


def pi_order(draft: Draft, event: Command) -> Reply:
    """N9: refused with the reason while the room is in use, unless a named person forces it."""
    rank = Rank.PERSON if event.force is not None else Rank.MANUAL
    why = refusal(draft, f"pi.{event.verb}", "now", rank)
    if why is not None:
        return Reply(event.id, "refused", why.code, why.args)
    return Reply(event.id, "accepted")


def in_the_way(state: State) -> dict[str, Value]:
    """Why no update is begun now: `code`, `args`; empty = it may be."""
    for target, value, _, because in state.refused:
        if target == "pi.update" and value == "now":
            return {"code": because.code, "args": because.args}
    return {}
