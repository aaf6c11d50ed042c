"""What a script on a text line may yield, be told, and end with.

Law: values only. A script is a generator: it yields an `Ask` (one command and how its answer looks), an
`Until` (a condition with a bound) or a `Tell` (an interim result of its order), is sent a `Reply`, and ends
with an `End`. The desk (`desk.py`) runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final, TypeAlias

from hardware.contract import Stage

ANSWER_MS: Final = 7_000
"""How long an answer is awaited: what a driver proven on a real Group 700 allows."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One command: `text` without its line end; `answer` and `part` are patterns of the line that ends the
    answer, and of a line that belongs to an answer without an end. `in_setup`: may go out while a call is
    being set up, when other commands may be lost. `switches`: the device must have identified itself.
    `quiet`: often not answered, so that silence is no sign of anything. `alone`: nothing may be sent behind
    it, because it sets up or ends a call."""

    text: str
    answer: str
    part: str = ""
    limit_ms: int = ANSWER_MS
    in_setup: bool = False
    switches: bool = False
    quiet: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until `test()` holds, at most `limit_ms`."""

    test: Callable[[], bool]
    limit_ms: int


@dataclass(frozen=True, slots=True)
class Tell:
    """An answer to the order while its script goes on, e.g. to stop what it began."""

    stage: Stage
    code: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The last word to an order."""

    stage: Stage
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a need. `word`: ok; info, error (refused, with `text`); absent (command unknown);
    failed; mismatch (spoke, but not of this); silent; quiet (silent as expected); late (an Until that never
    held)."""

    word: str
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.word == "ok"

    @property
    def answered(self) -> bool:
        """Did the device answer this inquiry at all?"""
        return self.word not in ("silent", "mismatch", "late", "quiet")


Need: TypeAlias = Ask | Until | Tell
Script: TypeAlias = Generator[Need, Reply, End | None]


def refused(reply: Reply) -> End | None:
    """How an order ends that the device turned down; None also when it said nothing, but may have obeyed."""
    return unanswered(reply) if reply.answered else None


def unanswered(reply: Reply) -> End | None:
    """How an order ends on this reply, or None when it was carried out so far."""
    if reply.ok:
        return None
    if reply.word in ("info", "error"):
        return End(Stage.REFUSED, f"{reply.word}: {reply.text}" if reply.text else reply.word)
    if reply.word == "absent":
        return End(Stage.REFUSED, "absent")
    return End(Stage.FAILED, "failed" if reply.word == "failed" else "timeout")
