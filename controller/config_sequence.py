"""The sequence table (R3): which load or device waits for which, on the way up and on the way down. Pure.

Up: network, lights, displays, camera, codec, mixer, others, amplifier last, so that nothing thumps and the
displays are there when the codec looks for them. Down: amplifier first, mixer, call ended and camera parked,
codec asleep, camera, lights, displays, codec, network. Fans and dehumidifiers stand in no sequence: they follow
the climate. Nobody demands the network off in an idle closing; its rows matter when the battery ends.

A row waits only for what is itself wanted in that state, except `needs`: a child waits for its parent in any
case. Clause: Quyết định 1444/QĐ-SGD&ĐT Đ6.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from controller.config_loads import LoadConfig
from controller.config_model import RoomConfig
from controller.core.room import Edge
from hardware.contract import Value

UP = ("network", "light", "display", "camera", "codec", "mixer", "other", "amplifier")
DOWN_FIRST = ("amplifier", "mixer")
DOWN_LAST = ("camera", "other", "light", "display", "codec", "network")

CONTACT_GIVE_UP_MS = 60_000
"""A contact answers in a second; a minute covers the retries of a relay that does not."""
PARK_GIVE_UP_MS = 30_000
HANGUP_GIVE_UP_MS = 20_000
CONFIRMED_GIVE_UP_MS = 12_000
"""A setting is said and read back within ten seconds, or the codec does not listen."""
ASLEEP_GIVE_UP_MS = 35 * 60_000
"""R13 waits up to 30 min for a codec that fell silent or updates itself; the row must not open before."""
LAMP_GIVE_UP_MS = 300_000
"""A projector's relay opens when it says that it is off, or so long after the lamp was told to go out."""
PARENT_GIVE_UP_MS = 60_000
"""Beyond the parent's own time to answer."""

Node = tuple[str, Value]


def edges(cfg: RoomConfig) -> tuple[Edge, ...]:
    """All rows of the room's table, each pair once (a `needs` row replaces the class order's)."""
    rows: dict[tuple[Node, Node], Edge] = {}
    for edge in (*_up(cfg), *_down(cfg), *_needs(cfg)):
        rows[(edge.target, edge.value), (edge.after, edge.is_)] = edge
    return tuple(rows.values())


def cycle(rows: Iterable[Edge]) -> tuple[str, ...]:
    """The targets of a circle in which all would wait for each other, () when there is none."""
    graph: dict[Node, set[Node]] = {}
    for edge in rows:
        graph.setdefault((edge.target, edge.value), set()).add((edge.after, edge.is_))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return tuple(f"{target} {value}" for target, value in error.args[1])
    return ()


def closing_order(cfg: RoomConfig) -> tuple[str, ...]:
    """All loads in the order in which the keeper closes them when it is alone: children before parents."""
    classes = ("fan", "dehumidifier", *DOWN_FIRST, *DOWN_LAST)
    left = sorted(cfg.loads, key=lambda name: classes.index(cfg.loads[name].cls))
    waits = {(edge.target, edge.after) for edge in edges(cfg) if edge.value == "off"}
    order: list[str] = []
    while left:
        # A circle would leave none free; the check refuses those, and closing all the same beats closing nothing.
        free = (n for n in left if not any((f"load.{n}", f"load.{m}") in waits for m in left))
        order.append(next(free, left[0]))
        left.remove(order[-1])
    return tuple(order)


def lead_ms(cfg: RoomConfig) -> int:
    """How long amplifier and mixer take before anything else may go down."""
    waits = (max((_settle_off(load) for _, load in _of(cfg, cls)), default=0) for cls in DOWN_FIRST)
    return sum(waits)


def _up(cfg: RoomConfig) -> Iterator[Edge]:
    before: list[tuple[str, LoadConfig]] = []
    for cls in UP:
        for name, _ in _of(cfg, cls):
            for after, load in before:
                yield Edge(f"load.{name}", "on", f"load.{after}", "on", _settle_on(load), CONTACT_GIVE_UP_MS)
        # A class that no meeting wants would break the chain: nobody waits for what nobody wants.
        before = [(n, load) for n, load in _of(cfg, cls) if load.for_meeting] or before


def _down(cfg: RoomConfig) -> Iterator[Edge]:
    audio = _chain_down(cfg, DOWN_FIRST, [], CONTACT_GIVE_UP_MS)
    yield from audio
    last_audio = _last(cfg, DOWN_FIRST)
    quiet = tuple(_farewells(cfg))
    for target, value, _ in quiet:
        for after, load in last_audio:
            yield Edge(target, value, f"load.{after}", "off", _settle_off(load), CONTACT_GIVE_UP_MS)
    asleep = _asleep(cfg)
    lead = lead_ms(cfg)
    for target, value, give_up_ms in quiet if asleep else ():
        yield Edge("codec.power", "asleep", target, value, 0, lead + give_up_ms, effect=True)
    yield from _power_after(cfg, quiet, lead)
    for name in cfg.displays:
        standby = (f"display.{name}.power", "standby")
        yield Edge(f"load.{name}", "off", *standby, 0, LAMP_GIVE_UP_MS + lead, effect=True)
    yield from _chain_down(cfg, DOWN_LAST, [] if asleep or quiet else last_audio, ASLEEP_GIVE_UP_MS + lead)


def _farewells(cfg: RoomConfig) -> Iterator[tuple[str, Value, int]]:
    """What is said to devices before they sleep: target, value, and how long to wait for it."""
    if _asleep(cfg):
        yield "codec.autoanswer", "off", CONFIRMED_GIVE_UP_MS
        yield "codec.hangup", "all", HANGUP_GIVE_UP_MS
    for name in cfg.cameras:
        yield f"camera.{name}.park", "home", PARK_GIVE_UP_MS


def _asleep(cfg: RoomConfig) -> tuple[tuple[str, Value, int], ...]:
    return (("codec.power", "asleep", ASLEEP_GIVE_UP_MS),) if cfg.spoken is not None else ()


def _power_after(cfg: RoomConfig, quiet: tuple[tuple[str, Value, int], ...], lead: int) -> Iterator[Edge]:
    """Power goes only when the devices have heard their farewell: camera, lights, displays and codec wait."""
    asleep = _asleep(cfg)
    parked = tuple(word for word in quiet if word[0].startswith("camera."))
    for cls in DOWN_LAST[:-1]:
        words = (asleep + (parked if cls == "camera" else ())) if asleep else quiet
        for name, _ in _of(cfg, cls):
            for target, value, give_up_ms in words:
                yield Edge(f"load.{name}", "off", target, value, 0, lead + give_up_ms, effect=True)


def _chain_down(
    cfg: RoomConfig, classes: tuple[str, ...], before: list[tuple[str, LoadConfig]], give_up_ms: int
) -> list[Edge]:
    rows: list[Edge] = []
    for place, cls in enumerate(classes):
        # Each class opens a minute after the one before it would: no row is overtaken by its own predecessor.
        late_ms = give_up_ms + place * CONTACT_GIVE_UP_MS
        for name, _ in _of(cfg, cls):
            rows += [
                Edge(f"load.{name}", "off", f"load.{after}", "off", _settle_off(load), late_ms)
                for after, load in before
            ]
        before = [(n, load) for n, load in _of(cfg, cls) if load.for_meeting] or before
    return rows


def _needs(cfg: RoomConfig) -> Iterator[Edge]:
    last_ms = ASLEEP_GIVE_UP_MS + lead_ms(cfg) + (len(DOWN_LAST) + 1) * CONTACT_GIVE_UP_MS
    for name, load in cfg.loads.items():
        for parent in load.needs:
            above = cfg.loads[parent]
            yield Edge(
                f"load.{name}",
                "on",
                f"load.{parent}",
                "on",
                _settle_on(above),
                above.warm_ms + PARENT_GIVE_UP_MS,
                hard=True,
                effect=True,
            )
            yield Edge(f"load.{parent}", "off", f"load.{name}", "off", _settle_off(load), last_ms)


def _of(cfg: RoomConfig, cls: str) -> list[tuple[str, LoadConfig]]:
    return [(name, load) for name, load in cfg.loads.items() if load.cls == cls]


def _last(cfg: RoomConfig, classes: tuple[str, ...]) -> list[tuple[str, LoadConfig]]:
    """The loads of the last of these classes that the room has."""
    return next((loads for cls in reversed(classes) if (loads := _of(cfg, cls))), [])


def _settle_on(load: LoadConfig) -> int:
    return round(1000 * load.settle_on_s)


def _settle_off(load: LoadConfig) -> int:
    return round(1000 * load.settle_off_s)
