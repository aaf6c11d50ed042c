"""Laws that no single run can show: two lives of the same room, which differ in one thing that must not matter.

`wakes`: being woken for nothing changes nothing, so no deadline was forgotten. `fast`: the fast path is a saving
and nothing else. `restart`: a controller that dies and comes back moves no relay that would not have moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random

from controller.core.chain import Entry, line
from controller.core.room import Room
from controller.rules import RULES
from controller.simulation.plan import DAY_MS, Act
from controller.simulation.simulate import Rules, Run, simulate
from controller.simulation.world import World

RESTARTS = 12
"""Each is a run of its own from the beginning to a minute after it; at some quarter of a second a day."""
AFTER_MS = 60_000
DOWN_MS = (500, 8_000)
"""A process that died is started again after one or two seconds; a full disk check of the journal adds some."""

DEAF_MS = 2_000
"""Around the absence: a press is safe only once it is written, and the first levels are read after a start."""
DOUBT_MS = 30 * 60_000
"""A jump back is believed at the third sample; every sample takes five minutes."""


def wakes(first: Run, room: Room | None = None, rules: Rules = RULES) -> Iterator[str]:
    """Extra wakes at random times leave the journal identical, byte for byte."""
    yield from _same(first, simulate(replace(first.job, extra_wakes=True), room, rules), "woken more often")


def fast(first: Run, room: Room | None = None, rules: Rules = RULES) -> Iterator[str]:
    """The long way for every batch leaves the journal identical, byte for byte."""
    yield from _same(first, simulate(replace(first.job, fast=False), room, rules), "without the fast path")


def _same(first: Run, second: Run, how: str) -> Iterator[str]:
    one, other = first.world.entries, second.world.entries
    differs = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if differs is None and len(one) != len(other):
        differs = min(len(one), len(other))
    if differs is not None:
        yield f"{how} the journal differs at line {differs + 2}: {_at(one, differs)} | {_at(other, differs)}"


def _at(entries: list[Entry], n: int) -> str:
    return line(entries[n]) if n < len(entries) else "(ended)"


def restart(first: Run, room: Room | None = None, rules: Rules = RULES, count: int = RESTARTS) -> Iterator[str]:
    """For a minute after a restart no contact moves that does not move in the undisturbed life too."""
    random = Random(f"restart {first.job.seed}")
    for at_ms in _moments(first, random, count):
        down_ms = random.randrange(*DOWN_MS)
        second = Run(first.job, room, rules, laws=())
        second.until(at_ms)
        if second.world.alive:
            second.world.crash(down_ms)
            second.until(at_ms + AFTER_MS)
        for name, on in (moved(second.world, at_ms) - moved(first.world, at_ms)).elements():
            word = "on" if on else "off"
            yield f"restart at {at_ms} ms, {down_ms} ms long: load {name} went {word} only because of it"


def moved(world: World, at_ms: int) -> Counter[tuple[str, bool]]:
    """Contacts that moved within a minute of that moment."""
    return Counter((name, on) for when_ms, name, on in world.moves if at_ms < when_ms <= at_ms + AFTER_MS)


def _moments(first: Run, random: Random, count: int) -> list[int]:
    """Half of them while orders are under way, where a restart would hurt most, half at any time."""
    busy = first.watch.busy
    end_ms = first.job.days * DAY_MS - AFTER_MS
    found: set[int] = set()
    for n in range(10 * count):
        near = bool(busy) and n % 2 == 0
        at_ms = random.choice(busy) + random.randrange(5_000) if near else random.randrange(end_ms)
        if at_ms < end_ms and not any(_may_differ(act, at_ms) for act in first.plan.acts):
            found.add(at_ms)
        if len(found) == count:
            break
    return sorted(found)


def _may_differ(act: Act, at_ms: int) -> bool:
    """What no controller can know of its own absence, each with its reason.

    A press that falls into it, for a contact has no memory, and a button that is down when we start means nothing.
    A sensor that is ill: what was observed is not restored (N14), so a new life has no last good reading to doubt a
    jump by; doubting the first would call every sensor lost for three samples after every start. A codec that says
    that it sleeps and does not: no inquiry tells sleep, and the life that had seen it fail is over."""
    if act.what == "press":
        return at_ms - int(act.args[1]) - DEAF_MS < act.at_ms < at_ms + DOWN_MS[1] + DEAF_MS
    return act.what in _DOUBTED and act.at_ms <= at_ms < act.at_ms + int(act.args[0]) + DOUBT_MS


_DOUBTED = ("heat", "sensor_dead", "sensor_wild", "codec_deaf")


LAWS: Mapping[str, Callable[[Run], Iterator[str]]] = {"wakes": wakes, "fast": fast, "restart": restart}
