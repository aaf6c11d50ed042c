"""What a script of commissioning may want, and the small verbs that its text is made of.

A script is a generator: it yields a Want, is sent what came of it, and returns its Verdict. So it waits for people
and devices without a thread, and a test plays both. Must not live here: any step, any I/O.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from hardware.contract import Value

YES, NO = "yes", "no"
PASSED, FAILED, OPEN = "passed", "failed", "open"
"""`open`: it could not be made. That is not passed (N14: unknown is a value)."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the person. `kind`: yes (two buttons do), choose (a number of `choices`), text, number."""

    code: str
    args: tuple[object, ...] = ()
    kind: str = "yes"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence that wants no answer."""

    code: str
    args: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Do:
    """An order to a device. Answered with '' when it was done, else with the short word why not."""

    target: str
    value: Value
    within_ms: int = 20_000


@dataclass(frozen=True, slots=True)
class See:
    """Wait until every fact has one of its values. Answered with the milliseconds it took, None = never."""

    facts: tuple[tuple[str, tuple[Value, ...]], ...]
    within_ms: int


@dataclass(frozen=True, slots=True)
class Hear:
    """Wait for a change at any input. Answered with its name, '' = nothing changed."""

    within_ms: int


@dataclass(frozen=True, slots=True)
class Show:
    """Light lamps by name, all others dark."""

    lamps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Let time pass: a supply discharges, a figure settles."""

    ms: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that devices have said, as a mapping."""


Want: TypeAlias = Ask | Say | Do | See | Hear | Show | Pause | Facts
Talk: TypeAlias = Generator[Want, Any, T]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an item ended, its figures, and the sentence of what is wrong ('' = nothing)."""

    outcome: str
    figures: tuple[tuple[str, Value], ...] = ()
    defect: str = ""
    args: tuple[Value, ...] = ()


def passed(**figures: Value) -> Verdict:
    return Verdict(PASSED, tuple(figures.items()))


def failed(defect: str, *args: Value, **figures: Value) -> Verdict:
    return Verdict(FAILED, tuple(figures.items()), defect, args)


def undone(why: str) -> Verdict:
    """The person went on without it."""
    return Verdict(OPEN, (("reason", why),), "commission.defect.skipped", (why,))


def ask(code: str, *args: object) -> Talk[bool]:
    """Yes or no."""
    return bool((yield Ask(code, args)) == YES)


def choose(code: str, choices: tuple[str, ...], *args: object) -> Talk[str]:
    return str((yield Ask(code, args, "choose", choices)))


def write(code: str, *args: object) -> Talk[str]:
    return str((yield Ask(code, args, "text")))


def count(code: str, *args: object) -> Talk[int]:
    """A whole number that a person reads off something."""
    return int((yield Ask(code, args, "number")))


def say(code: str, *args: object) -> Talk[None]:
    yield Say(code, args)


def do(target: str, value: Value, within_ms: int = 20_000) -> Talk[str]:
    return str((yield Do(target, value, within_ms)))


def see(within_ms: int, **wanted: Value | tuple[Value, ...]) -> Talk[int | None]:
    """`codec__answers=True` is the fact codec.answers; a tuple = one of these."""
    rows = [(name.replace("__", "."), value) for name, value in wanted.items()]
    return (yield from seen(within_ms, tuple((n, v if isinstance(v, tuple) else (v,)) for n, v in rows)))


def seen(within_ms: int, facts: tuple[tuple[str, tuple[Value, ...]], ...]) -> Talk[int | None]:
    took_ms: int | None = yield See(facts, within_ms)
    return took_ms


def hear(within_ms: int) -> Talk[str]:
    return str((yield Hear(within_ms)))


def facts() -> Talk[Mapping[str, Value]]:
    found: Mapping[str, Value] = yield Facts()
    return found
