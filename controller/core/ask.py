"""Second step: every rule is asked what it wants; modes decide how much of that counts (people: watch,
remind, enforce). Marks are set here, and rules are asked again until they agree with what they remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from controller.core.draft import Draft
from controller.core.records import Because
from controller.core.room import Mode
from controller.core.view import Alert, Demand, Mark, Refuse, View, Wait, Yield
from hardware.contract import Value

Rule: TypeAlias = Callable[[View], Iterator[Yield]]
_ENFORCE, _WATCH, _OFF = Mode.ENFORCE, Mode.WATCH, Mode.OFF
"""Looked up once, as in absorb.py: each rule's every word asks for them."""
ROUNDS = 4
"""A mark may set off another mark; deeper chains would be a loop, and the next wake continues them."""


@dataclass(slots=True)
class Asked:
    """What the rules said, sorted by word."""

    demands: dict[str, list[Demand]] = field(default_factory=dict)
    refusals: list[Refuse] = field(default_factory=list)
    waits: dict[tuple[str, Value], Because] = field(default_factory=dict)
    alerts: dict[tuple[str, str], Because] = field(default_factory=dict)
    would: dict[str, tuple[Value, Because]] = field(default_factory=dict)


def ask(draft: Draft, rules: Sequence[tuple[str, Rule]]) -> Asked:
    """Ask all rules; `rules` pairs each with the id whose mode governs it ('' = always in force)."""
    view = draft.view()
    for last in range(1, ROUNDS + 1):
        view.marks = draft.marks
        asked, changed = Asked(), False
        for rule_id, rule in rules:
            mode = view.mode(rule_id) if rule_id else _ENFORCE
            if mode is not _OFF:
                changed |= _sort(rule(view), mode, asked, draft)
        if not changed:
            break
        if last == ROUNDS:
            view.past(draft.now.mono_ms + 1_000)
    draft.wake_ms = min(draft.wake_ms, view.wake_ms)
    return asked


def _sort(yields: Iterator[Yield], mode: Mode, asked: Asked, draft: Draft) -> bool:
    changed = False
    for word in yields:
        match word:
            case Demand():
                if mode is _ENFORCE:
                    asked.demands.setdefault(word.target, []).append(word)
                else:
                    asked.would.setdefault(word.target, (word.value, word.because))
                    if mode is Mode.REMIND and _left_to_people(word, draft):
                        asked.alerts.setdefault(("remind", word.because.rule), word.because)
            case Refuse():
                asked.refusals.append(word)
            case Wait():
                asked.waits.setdefault((word.target, word.value), word.because)
            case Alert():
                if mode is not _WATCH:
                    asked.alerts.setdefault((word.code, word.subject), word.because)
            case Mark():
                changed |= draft.keep(word.name, word.value)
    return changed


def _left_to_people(word: Demand, draft: Draft) -> bool:
    """A load that the rule would switch and that is not so: people are asked to. Rules about microphone and calls
    say in words of their own what they ask for."""
    track = draft.old.tracks.get(word.target)
    return word.target.startswith("load.") and track is not None and track.seen not in (None, word.value)


def whole(would: Mapping[str, tuple[Value, Because]]) -> dict[str, Because]:
    """The 'would have' list as the state keeps it: one reason for each target."""
    return {f"{target}={value}": because for target, (value, because) in would.items()}
