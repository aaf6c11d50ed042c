"""Plays one script against a person and devices: pure, over two protocols that the command line and the tests fill.

While a person thinks, the outputs' lease is renewed and devices are heard. Two buttons are enough for most answers:
BẬT = yes or take, TRỰC = no or the next choice; the phone's terminal takes numbers and words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from controller.commission.site import Site
from controller.commission.talk import (
    NO,
    YES,
    Ask,
    Do,
    Facts,
    Hear,
    Pause,
    Say,
    See,
    Show,
    Talk,
    Verdict,
    Want,
    undone,
)
from hardware.contract import Edge, Order, OrderId, Reading, Result, Stage, Value

RENEW_MS = 5_000
"""A third of the shortest lease is not waited longer than this."""
PRESS_MS = 300
"""A contact bounces for up to 50 ms, a finger comes back after 300."""
QUIET_MS = 1_000
PATIENCE_MS = 45 * 60_000
"""Nobody answers for so long: they have gone. What is finished stays finished."""
FIRST = See((("keeper.up", (True,)),), 10_000)
"""An order that comes before the keeper's socket is open would be refused."""
SKIP, LEAVE = ("s", "skip"), ("q", "quit")
ASKS, WORKS = (("ready", "double"),), (("ready", "slow"),)
"""chớp đôi = cần người, chớp chậm = máy đang làm (people.md)."""


class Left(Exception):
    """The person went away: terminal closed, `q`, or no answer. The item begins anew next time."""


class Skipped(Exception):
    """The person cannot make this item now; the text says why."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A line from the terminal; None = it is gone."""

    line: str | None


class Rig(Protocol):
    """Devices and time. `turn` lets time pass until something came or `until_ms`: reports and lines typed."""

    @property
    def boot(self) -> str: ...

    def now_ms(self) -> int: ...

    def order(self, order: Order) -> None: ...

    def turn(self, until_ms: int) -> Sequence[object]: ...

    def lamps(self, patterns: Mapping[str, str]) -> None: ...

    def renew(self) -> None: ...


class Desk(Protocol):
    """Where the person reads. `pointer`: the choice that BẬT would take."""

    def ask(self, question: Ask, pointer: int) -> None: ...

    def say(self, said: Say) -> None: ...


class Driver:
    """One sitting. Use: `Driver(site, rig, desk).play(script)`."""

    def __init__(self, site: Site, rig: Rig, desk: Desk) -> None:
        self.site, self.rig, self.desk = site, rig, desk
        self.facts: dict[str, Value] = {}
        self._n = 0
        self._pressed: dict[str, int] = {}
        self._gone = False
        """The terminal is: its network may be what is being switched. The panel can still answer yes and no."""

    def play(self, script: Talk[Verdict]) -> Verdict:
        """The script's verdict. Raises Left."""
        answer: object = None
        try:
            while True:
                answer = self._meet(script.send(answer))
        except StopIteration as end:
            verdict: Verdict = end.value
            return verdict
        except Skipped as skipped:
            return undone(str(skipped))

    def _meet(self, want: Want) -> object:
        match want:
            case Ask():
                return self._ask(want)
            case Do():
                return self._do(want)
            case See():
                return self._see(want)
            case Hear(within_ms):
                return self._hear(within_ms)
            case Facts():
                return self.facts
            case Say():
                self.desk.say(want)
            case Show(lamps):
                self.rig.lamps(dict(lamps))
            case Pause(ms):
                self._until(self.rig.now_ms() + ms)
        return None

    # ---- the person

    def _ask(self, question: Ask) -> str:
        if question.code != "commission.q.lamp":  # there the lamp itself is the question
            self._light(ASKS)
        pointer, end_ms = 0, self.rig.now_ms() + PATIENCE_MS
        self.desk.ask(question, pointer)
        while self.rig.now_ms() < end_ms and not (self._gone and question.kind in ("text", "number")):
            for item in self._turn(end_ms):
                pressed = self._press(item)
                if pressed == "duty" and question.kind == "choose":
                    pointer = (pointer + 1) % len(question.choices)
                    self.desk.ask(question, pointer)
                answer = self._typed(question, item) or self._panel(question, pressed, pointer)
                if answer:
                    return answer
        raise Left

    def _typed(self, question: Ask, item: object) -> str:
        """What a line answers, '' = it was none, or no answer to this."""
        if not isinstance(item, Typed):
            return ""
        self._gone = item.line is None
        line = (item.line or "").strip()
        if line.lower() in LEAVE:
            raise Left
        word, _, reason = line.partition(" ")
        if word.lower() in SKIP and question.kind != "text":
            raise Skipped(reason or "-")
        answer = understood(question, line)
        if not answer and not self._gone:
            self.desk.say(Say("commission.say.not_understood"))
        return answer

    def _panel(self, question: Ask, pressed: str, pointer: int) -> str:
        if question.kind == "yes":
            return {"power": YES, "duty": NO}.get(pressed, "")
        return question.choices[pointer] if question.kind == "choose" and pressed == "power" else ""

    def _press(self, item: object) -> str:
        """The role of a button that went down, bounces left out."""
        if not isinstance(item, Edge) or not item.down:
            return ""
        before_ms = self._pressed.get(item.input, -PRESS_MS)
        self._pressed[item.input] = item.at_ms
        return self.site.inputs.get(item.input, "") if item.at_ms - before_ms >= PRESS_MS else ""

    # ---- devices and time

    def _do(self, want: Do) -> str:
        self._light(WORKS)
        if "keeper.up" not in self.facts:
            self._see(FIRST)
        self._n += 1
        name = OrderId(self.rig.boot, self._n)
        end_ms = self.rig.now_ms() + want.within_ms
        self.rig.order(Order(name, want.target, want.value, want.within_ms))
        while self.rig.now_ms() < end_ms:
            for item in self._turn(end_ms):
                if isinstance(item, Result) and item.order == name and item.stage is not Stage.ACCEPTED:
                    return "" if item.stage is Stage.DONE else item.code or str(item.stage)
        return "timeout"

    def _see(self, want: See) -> int | None:
        self._light(WORKS)
        began_ms = self.rig.now_ms()
        end_ms = began_ms + want.within_ms
        while not self._shows(want):
            if self.rig.now_ms() >= end_ms:
                return None
            self._left(self._turn(end_ms))
        return self.rig.now_ms() - began_ms

    def _shows(self, want: See) -> bool:
        return all(self.facts.get(name) in values for name, values in want.facts)

    def _hear(self, within_ms: int) -> str:
        """A change of any input; what the last finger did is over before it counts."""
        self._quiet()
        end_ms = self.rig.now_ms() + within_ms
        while self.rig.now_ms() < end_ms:
            items = self._turn(end_ms)
            self._left(items)
            heard = next((item.input for item in items if isinstance(item, Edge)), "")
            if heard:
                return heard
        return ""

    def _quiet(self) -> None:
        """A second without any change, or ten in all: a motion sensor never rests."""
        end_ms = self.rig.now_ms() + 10 * QUIET_MS
        quiet_ms = self.rig.now_ms() + QUIET_MS
        while (now_ms := self.rig.now_ms()) < min(quiet_ms, end_ms):
            items = self._turn(min(quiet_ms, end_ms))
            self._left(items)
            if any(isinstance(item, Edge) for item in items):
                quiet_ms = now_ms + QUIET_MS

    def _until(self, end_ms: int) -> None:
        while self.rig.now_ms() < end_ms:
            self._left(self._turn(end_ms))

    def _left(self, items: Sequence[object]) -> None:
        """While devices work, the person may still go, or go on without."""
        for item in items:
            if isinstance(item, Typed):
                self._typed(Ask("", kind="none"), item)

    def _turn(self, end_ms: int) -> Sequence[object]:
        self.rig.renew()
        items = self.rig.turn(min(end_ms, self.rig.now_ms() + RENEW_MS))
        for item in items:
            if isinstance(item, Reading):
                self._note(item)
        return items

    def _note(self, reading: Reading) -> None:
        self.facts |= {f"{reading.source}.{name}": value for name, value in reading.values}
        calls = self.facts.get("codec.calls")
        for row in calls if reading.source == "codec" and isinstance(calls, tuple) else ():
            if isinstance(row, tuple) and len(row) > 2:
                self.facts[f"call.{row[1]}"] = row[2]
        if reading.source == "codec" and calls == ():
            self.facts = {name: value for name, value in self.facts.items() if not name.startswith("call.")}

    def _light(self, roles: tuple[tuple[str, str], ...]) -> None:
        self.rig.lamps({name: pattern for role, pattern in roles if (name := self.site.lamp(role))})


def understood(question: Ask, line: str) -> str:
    """A typed line as an answer; '' = it is none."""
    word = line.lower()
    if question.kind == "yes":
        return {"1": YES, "y": YES, "yes": YES, "c": YES, "có": YES, "co": YES}.get(
            word, {"0": NO, "2": NO, "n": NO, "no": NO, "k": NO, "không": NO, "khong": NO}.get(word, "")
        )
    if question.kind == "choose":
        chosen = int(line) - 1 if line.isdecimal() else -1
        return question.choices[chosen] if 0 <= chosen < len(question.choices) else ""
    if question.kind == "number":
        return str(int(line)) if line.isdecimal() and len(line) < 10 else ""
    return line[:200] if question.kind == "text" else ""
