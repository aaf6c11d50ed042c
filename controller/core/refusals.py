"""Refused messages, told without wearing out the card: the first few of a kind one by one, the rest as a number.

A centre that is broken, or whoever has stolen an account, can send bad messages faster than a card can write them
down and the line can tell them. Each is counted; a count is told when its time is over, and by the next life when
this one ends before. Lives here: which refusal has a line of its own, when a count is told, how many are answered.
Must not live here: what is refused (the link, door.py).
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.draft import Draft
from controller.core.memory import Refusal
from controller.core.records import Priority
from hardware.contract import Value

FIRST = 3
"""Of a kind told one by one: a person who tries again, or a device that is set wrong, is seen as it is."""
KINDS = 8
"""Told apart at one time. Whoever invents a name for each message is counted under none."""
EACH_MS = 10 * 60_000
"""A count is told this often, as often as the journal writes anyway; a kind that was silent so long begins anew."""
ANSWERS = 20
"""In a second, to what is refused or repeated. Nobody reads more, and records and the answer to a good command
must not wait behind them."""

_NOBODY = ("", "", "")
Kind = tuple[str, ...]
"""Code, who sent it as far as it says so, and what it was (`do/power`, `ack`); empty: of more kinds than KINDS."""


def singly(draft: Draft, kind: Kind, args: tuple[Value, ...]) -> bool:
    """Count a refusal; true when it is to be written down by itself."""
    code = kind[0]
    if kind not in draft.refusals and len(draft.refusals.keys() - {()}) >= KINDS:
        kind = ()
    known = draft.refusals.get(kind) or Refusal(kind, code, (), draft.now.mono_ms)
    if known.told < FIRST:
        draft.refusals[kind] = replace(known, told=known.told + 1)
        return True
    draft.refusals[kind] = replace(known, code=code, args=args, more=known.more + 1)
    return False


def answerable(draft: Draft) -> bool:
    """May one more refused or repeated message be answered in this second?"""
    since_ms, given = draft.answered
    if draft.now.mono_ms - since_ms >= 1000:
        since_ms, given = draft.now.mono_ms, 0
    draft.answered = since_ms, given + 1
    return given < ANSWERS


def tell(draft: Draft) -> None:
    """Write down the counts whose time is over, and note when the next one's is."""
    for kind, known in tuple(draft.refusals.items()):
        if not draft.past(known.since_ms + EACH_MS):
            continue
        del draft.refusals[kind]
        if known.more:
            _say(draft, known)
            draft.refusals[kind] = replace(known, since_ms=draft.now.mono_ms, more=0)
            draft.past(draft.now.mono_ms + EACH_MS)


def outlived(draft: Draft, refusals: tuple[Refusal, ...], same: bool) -> None:
    """What an earlier life has counted: it goes on, or is told now when its times are of another boot."""
    for known in refusals:
        if same:
            draft.refusals[known.kind] = known
        elif known.more:
            _say(draft, known)


def _say(draft: Draft, known: Refusal) -> None:
    _, by, topic = known.kind if len(known.kind) == len(_NOBODY) else _NOBODY  # read from the disk
    body: dict[str, Value] = {"count": known.more, "by": by, "topic": topic}
    body |= {"code": known.code, "args": known.args}
    draft.say("command.rejected.more", topic, Priority.INCIDENT, **body)
