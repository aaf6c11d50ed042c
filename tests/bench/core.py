"""Microseconds of the core, in this process: a quiet sample (fast path), news as a running room takes
it (with its recall), and a whole decision that asks every rule. Processor time: it waits for nothing, and what else
runs on the machine is no figure of ours."""

from __future__ import annotations

import time
from statistics import median

from controller import config
from controller.core.decide import decide
from controller.core.events import Started
from controller.core.instant import Instant, Trust
from controller.core.recall import Recall
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
    return _median_us(room, state, (221.0,), fast=True)


def news_us(room: Room, state: State) -> float:
    """News, as a running room takes it: the voltage jumps at every call, and whoever rests on it is asked."""
    return _median_us(room, state, (150.0, 250.0), fast=False, recall=Recall())


def whole_us(room: Room, state: State) -> float:
    """As at a start: absorb, every rule, arbiter, every track, records."""
    return _median_us(room, state, (221.0,), fast=False)


def _median_us(
    room: Room, state: State, volts: tuple[float, ...], fast: bool, recall: Recall | None = None
) -> float:
    rounds: list[float] = []
    now_ms = 60_000
    for _ in range(ROUNDS):
        began_ns = time.process_time_ns()
        for n in range(CALLS):
            now_ms += 2 if recall else 0
            after = decide(
                state, (ups(volts[n % len(volts)], now_ms),), at(now_ms), room, RULES, fast, recall
            ).state
            state = after if recall else state
        rounds.append((time.process_time_ns() - began_ns) / CALLS / 1000)
    return median(rounds)


def measure() -> tuple[float, float, float]:
    """(quiet sample, news, whole decision) in µs."""
    room = config.compile_room(config.loads(config.example()))
    state = settled(room)
    return quiet_us(room, state), news_us(room, state), whole_us(room, state)
