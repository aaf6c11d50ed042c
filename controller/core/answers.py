"""How an order is answered: what will happen, or why not."""

from __future__ import annotations

from controller.core.events import Command
from controller.core.records import Because, Reply
from hardware.contract import Value


def ok(event: Command, code: str = "") -> Reply:
    return Reply(event.id, "accepted", code)


def no(event: Command, code: str, *args: Value) -> Reply:
    return Reply(event.id, "refused", code, args)


def by_person(event: Command) -> Because:
    return Because("hold", "hold.command", (event.by,))
