"""What the deciding loop may do to the world, and the full views that it hands out. Nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from controller.core import report
from controller.core.events import Stepped
from controller.core.gasp import Gasp
from controller.core.instant import Instant
from controller.core.parts import Tree
from controller.core.records import Reply
from controller.core.room import Room
from controller.core.state import State
from controller.runtime.batch import Batch
from hardware.contract import Order

Item: TypeAlias = object
"""Whatever lies in the loop's inbox: the core's events, and words for others."""


@dataclass(frozen=True, slots=True)
class Full:
    """The full views: `details` for the centre, `inside` for whoever stands at the Pi."""

    details: Mapping[str, Mapping[str, Tree]]
    inside: Mapping[str, Mapping[str, Tree]]


def full_views(state: State, now: Instant, room: Room) -> Full:
    """As the core draws them."""
    return Full(report.details(state, now, room), report.inside(state, room))


@dataclass(frozen=True, slots=True)
class Hands:
    """Everything that the loop may do to the world; each returns at once and never raises."""

    order: Callable[[Order], None]
    pace: Callable[[Mapping[str, int]], None]
    lamps: Callable[[Mapping[str, str]], None]
    renew: Callable[[], None]
    write: Callable[[Batch], None]
    publish: Callable[[Mapping[str, Tree], Full | None], None]
    gasp: Callable[[Gasp], None]
    answer: Callable[[Reply], None]
    other: Callable[[Item], None]
    turn: Callable[[Instant], None]
    due_ms: Callable[[], int]
    pulse: Callable[[str], None]
    stepped: Callable[[Instant], Stepped | None]
