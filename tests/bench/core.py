"""Microseconds of the core, in this process: a quiet sample (fast path) and a full decision with every rule."""

from __future__ import annotations

import time
from statistics import median

from controller import config
from controller.core.decide import decide
from controller.core.events import Started
from controller.core.instant import Instant, Trust
from controller.core.room import Room
from controller.core.state import State
from controller.rules import RULES
from hardware.contract import Reading

WALL_MS = 1_790_000_000_000
ROUNDS = 15
CALLS = 400


def at(mono_ms: int) -> Instant:
    return Instant(mono_ms, WALL_MS + mono_ms, Trust.NTP)


def ups(volts: float, now_ms: int) -> Reading:
    values = (("link", "ok"), ("source", "mains"), ("charge_pct", 100.0), ("input_v", volts), ("load_pct", 20.0))
    return Reading("ups", values, now_ms)


def settled(room: Room) -> State:
    """The example room a minute after its start, everything off and seen."""
    state = decide(State(), (Started("bench", None),), at(1_000), room, RULES).state
    loads = tuple((load.name, "off") for load in room.loads)
    for now_ms in range(2_000, 60_000, 1_000):
        seen = (Reading("relay", loads, now_ms), ups(221.0, now_ms))
        state = decide(state, seen, at(now_ms), room, RULES).state
    return state


def quiet_us(room: Room, state: State) -> float:
    """One sample that changes nothing beyond its dead-band."""
    return _median_us(room, state, fast=True)


def full_us(room: Room, state: State) -> float:
    """The same batch taken the long way: absorb, every rule, arbiter, every track, records."""
    return _median_us(room, state, fast=False)


def _median_us(room: Room, state: State, fast: bool) -> float:
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began_ns = time.perf_counter_ns()
        for n in range(CALLS):
            decide(state, (ups(221.0, 60_000),), at(60_000 + n % 2), room, RULES, fast)
        rounds.append((time.perf_counter_ns() - began_ns) / CALLS / 1000)
    return median(rounds)


def measure() -> tuple[float, float]:
    """(quiet sample, full decision) in µs."""
    room = config.compile_room(config.loads(config.example()))
    state = settled(room)
    return quiet_us(room, state), full_us(room, state)
