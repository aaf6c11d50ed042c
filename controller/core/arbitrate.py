"""Third step: for each target the highest rank wins; its reason and since when are kept by identity while
nothing changes, so the dashboard's *why* and *since* cost nothing."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.ask import Asked
from controller.core.records import Because
from controller.core.room import Room
from controller.core.state import Desired
from controller.core.words import Demand


def arbitrate(
    asked: Asked, before: Mapping[str, Desired], room: Room, now_ms: int
) -> tuple[dict[str, Desired], list[str]]:
    """The winner at each target, and the targets where equal ranks wanted different things."""
    limits: dict[tuple[str, object], int] = {}
    for r in asked.refusals:
        key = (r.target, r.value)
        limits[key] = max(limits.get(key, 0), r.rank)
    desired: dict[str, Desired] = {}
    clashes: list[str] = []
    for name in room.targets:
        if name not in asked.demands:
            continue
        left = [d for d in asked.demands[name] if d.rank > limits.get((name, d.value), 0)]
        if not left:
            continue
        winner, clash = _winner(left, room.targets[name].prefer)
        if clash:
            clashes.append(name)
        desired[name] = _kept(before.get(name), winner, now_ms)
    return desired, clashes


def _winner(demands: list[Demand], prefer: object) -> tuple[Demand, bool]:
    if len(demands) == 1:
        return demands[0], False
    top = max(d.rank for d in demands)
    best = [d for d in demands if d.rank == top]
    clash = any(d.value != best[0].value for d in best)
    preferred = next((d for d in best if d.value == prefer), best[0]) if clash else best[0]
    return preferred, clash


def _kept(before: Desired | None, winner: Demand, now_ms: int) -> Desired:
    if before is None:
        return Desired(winner.value, winner.rank, winner.because, now_ms, now_ms)
    if before.value != winner.value:
        return Desired(winner.value, winner.rank, winner.because, now_ms, now_ms)
    if before.rank == winner.rank and _equal(before.because, winner.because):
        return before
    return Desired(winner.value, winner.rank, winner.because, now_ms, before.value_since_ms)


def _equal(one: Because, other: Because) -> bool:
    return one is other or one == other
