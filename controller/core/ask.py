"""Second step: every rule is asked what it wants; modes decide how much of that counts (people: watch,
remind, enforce). Marks are set here, and rules are asked again until they agree with what they remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from controller.core.draft import Draft
from controller.core.recall import Recall, Rule
from controller.core.records import Because
from controller.core.rests import Bits
from controller.core.room import Mode
from controller.core.words import Alert, Demand, Mark, Refuse, Wait, Yield
from hardware.contract import NEVER_MS, Value

__all__ = ["Asked", "Rule", "ask", "whole"]
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


def ask(draft: Draft, rules: Sequence[tuple[str, Rule]], recall: Recall) -> Asked:
    """Ask the rules whose answer may have changed since `recall` heard it, all of them with a new one; `rules`
    pairs each with the id whose mode governs it ('' = always in force)."""
    asking = _Asking(draft, rules, recall)
    todo = recall.stale(draft, rules)
    for _ in range(ROUNDS):
        todo = asking.round(todo)
        if not todo:
            break
    recall.left = todo
    wake_ms = draft.now.mono_ms + 1_000 if todo else NEVER_MS
    draft.wake_ms = min(draft.wake_ms, wake_ms, *recall.wakes)
    recall.same = not asking.news and recall.asked is not None
    if recall.asked is None or asking.news:
        recall.asked = asking.sorted()
    return recall.asked


class _Asking:
    """The rounds of one call. `news`: some rule has said something else than the last time."""

    def __init__(self, draft: Draft, rules: Sequence[tuple[str, Rule]], recall: Recall) -> None:
        self.draft = draft
        self.rules = rules
        self.recall = recall
        self.view = draft.view()
        self.news = False

    def round(self, todo: Bits) -> Bits:
        """Ask these, in the order of the list, and at once those behind them that a mark concerns which they have
        set; the others whom it concerns are for the next round."""
        again = 0
        while todo:
            bit = todo & -todo
            concerned = self._one(bit.bit_length() - 1)
            behind = -bit << 1
            todo = (todo ^ bit) | (concerned & behind)
            again |= concerned & ~behind
        return again

    def _one(self, n: int) -> Bits:
        """Ask the n-th rule. The rules whose answers rest on a mark that it has changed."""
        rule_id, rule = self.rules[n]
        view = self.view
        view.wake_ms = NEVER_MS
        mode = view.mode(rule_id) if rule_id else _ENFORCE
        words: list[Yield] = []
        changed: list[str] = []
        if mode is not _OFF:
            for word in rule(view):
                if type(word) is Mark:  # a memory is no wish: that it changed is no news to arbiter and hand
                    view.reads.marks.add(word.name)
                    if self.draft.keep(word.name, word.value):
                        changed.append(word.name)
                    continue
                words.append(word)
                if mode is Mode.REMIND and type(word) is Demand and self._left_to_people(word):
                    words.append(Alert("remind", word.because.rule, word.because))
        self.news |= self.recall.heard(n, tuple(words), view)
        concerned = 0
        for name in changed:
            concerned |= self.recall.resting_on(name)
        return concerned

    def sorted(self) -> Asked:
        """What all rules say now, sorted by word."""
        asked, view = Asked(), self.view
        for (rule_id, _), words in zip(self.rules, self.recall.words, strict=True):
            if words:
                _sort(words, view.mode(rule_id) if rule_id else _ENFORCE, asked)
        return asked

    def _left_to_people(self, word: Demand) -> bool:
        """A load that the rule would switch and that is not so: people are asked to. Rules about microphone and
        calls say in words of their own what they ask for."""
        return word.target.startswith("load.") and self.view.seen(word.target) not in (None, word.value)


def _sort(words: tuple[Yield, ...], mode: Mode, asked: Asked) -> None:
    for word in words:
        match word:
            case Demand():
                if mode is _ENFORCE:
                    asked.demands.setdefault(word.target, []).append(word)
                else:
                    asked.would.setdefault(word.target, (word.value, word.because))
            case Refuse():
                asked.refusals.append(word)
            case Wait():
                asked.waits.setdefault((word.target, word.value), word.because)
            case Alert():
                if mode is not _WATCH:
                    asked.alerts.setdefault((word.code, word.subject), word.because)


def whole(would: Mapping[str, tuple[Value, Because]]) -> dict[str, Because]:
    """The 'would have' list as the state keeps it: one reason for each target."""
    return {f"{target}={value}": because for target, (value, because) in would.items()}
