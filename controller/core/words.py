"""The five words that a rule may say. No behaviour lives here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from controller.core.records import Because
from controller.core.room import Rank
from hardware.contract import Value


@dataclass(frozen=True, slots=True)
class Demand:
    """A rule wants `target` at `value`."""

    target: str
    value: Value
    rank: Rank
    because: Because


@dataclass(frozen=True, slots=True)
class Refuse:
    """Removes demands for `target` at `value` of rank <= `rank` before the arbiter chooses."""

    target: str
    value: Value
    rank: Rank
    because: Because


@dataclass(frozen=True, slots=True)
class Wait:
    """The order for `target` to `value` may not go out yet."""

    target: str
    value: Value
    because: Because


@dataclass(frozen=True, slots=True)
class Mark:
    """Remember `value` under `name`, and since when."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Alert:
    """A person should know; true as long as it is yielded."""

    code: str
    subject: str
    because: Because


Yield: TypeAlias = Demand | Refuse | Wait | Mark | Alert
