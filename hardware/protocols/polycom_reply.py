"""Which reply a line of a Polycom codec is to the command that is out.

Law: pure. A line is an answer by its content, never by its place: real firmware answers late and out of turn.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series; forms as seen.
"""

from __future__ import annotations

from hardware.protocols.desk import pattern
from hardware.protocols.polycom_heard import Refusal
from hardware.protocols.script import Ask, Reply


def judge(ask: Ask, line: str, heard: object) -> Reply | None:
    """The reply that `line` is to `ask`, or None if it is about something else."""
    if pattern(ask.answer).search(line):
        return Reply("ok", line)
    if isinstance(heard, Refusal):
        return _refusal(ask, heard)
    if line.endswith(" failed") and line.split(" ", 1)[0] == ask.text.split(" ", 1)[0]:
        return Reply("failed", line)
    return None


def _refusal(ask: Ask, heard: Refusal) -> Reply | None:
    """`error:` and `info:` answer the command in flight, unless they name another kind of command."""
    active = heard.text.removeprefix("event/notification already active:")
    if active != heard.text:
        return Reply("ok") if ask.text.endswith(active.strip() or "?") else None
    if heard.text.startswith("connection ") and not ask.text.startswith("hangup"):
        return None
    if heard.text.startswith("calendar "):
        return None
    return Reply("absent" if heard.absent else heard.word, heard.text)
