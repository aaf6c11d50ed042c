"""The checked meeting day: what must be seen, step by step, and who does what in between.

Pure. A step is seen only by what others say: records that arrived at the centre, the keeper's true pins, the far
ends' own truth. Which order is right stands here by itself, from the written rules, and is not taken from the
configuration that is being checked. Clauses: R1, R2, R3, R4 ff. of the room; N4, N9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from controller.demo.story import Record, Story

UP = ("display", "camera", "codec", "mixer", "amplifier")
"""Displays before codec and camera, the amplifier last."""
DOWN = ("amplifier", "mixer", "camera", "display", "codec")
"""The amplifier first, the codec last."""
CLOCKS_MS = 1_000
"""The calendar's wall time and the room's own, reckoned at two moments."""
LEAST_GAP_MS = 1_900
"""N11: two loads never come on together; 2 s, less what a look at the pins may be late."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day as planned, in the machine's monotonic ms: ready (T-60, compressed), start, end with its grace."""

    uid: str
    begin_ms: int
    ready_ms: int
    start_ms: int
    end_ms: int
    grace_ms: int
    mode: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step looks at: all that was seen, the plan, and when the step began."""

    story: Story
    day: Day
    since_ms: int


Test = Callable[[Scene], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """`act` is done when the step begins, but not before the edge `at` of the day. It must be seen `within_s`
    after the edge `by`, or after its own beginning, whichever is later."""

    name: str
    seen: Test
    within_s: float = 30.0
    by: str = "begin_ms"
    act: str = ""
    at: str = "begin_ms"


# ---- before the meeting


def dark(v: Scene) -> bool:
    off = all(v.story.lines.get(name) is False for name in UP) and v.story.lines.get("network") is True
    return off and v.story.status == "online" and v.story.state.get("phase") == "off"


def invited(v: Scene) -> bool:
    meeting = v.story.state.get("meeting") or {}
    return v.story.has("calendar") and meeting.get("uid") == v.day.uid


def booked(v: Scene) -> bool:
    return v.story.has("meeting.booked", v.day.uid, late="")


def up_in_order(v: Scene) -> bool:
    """True pins in the order of the rule, each after the record of its order, none together."""
    edges = [edge for edge in v.story.switched(True) if edge.name in UP]
    told = all(any(r.at_ms <= edge.at_ms for r in v.story.told("order", f"load.{edge.name}")) for edge in edges)
    apart = all(later.at_ms - sooner.at_ms >= LEAST_GAP_MS for sooner, later in pairwise(edges))
    return tuple(edge.name for edge in edges) == UP and told and apart


def booted(v: Scene) -> bool:
    return v.story.truth.get("codec.up") is True and v.story.truth.get("camera.up") is True


def all_proven(v: Scene) -> bool:
    """Every load and the codec's waking, before T-60."""
    wanted = {**{f"load.{name}": "on" for name in UP}, "codec.power": "awake"}
    return all(_proven(v.story, name, value, v.day.begin_ms, v.day.ready_ms) for name, value in wanted.items())


def _proven(s: Story, name: str, value: str, since_ms: int, until_ms: int) -> bool:
    rows = s.told("proof", name, since_ms, proof="proven", seen=value)
    return any(record.at_ms <= until_ms for record in rows)


def ready(v: Scene) -> bool:
    in_time = v.story.has("noted", f"ready.{v.day.uid}", value="in_time")
    return in_time and v.story.has("noted", f"t60.{v.day.uid}", value="ready")


def checked(v: Scene) -> bool:
    """Nothing failed or could not be made; the pictures of the seats are for the day before."""
    now = v.story.details.get("checks", {}).get("now")
    rows = now.values() if isinstance(now, dict) else ()
    words = [row.get("result") for row in rows if isinstance(row, dict)]
    return bool(words) and all(word in ("passed", "not_applicable", "not_due") for word in words)


# ---- in the meeting


def in_call(v: Scene) -> bool:
    told = v.story.has("phase", "room", v.day.start_ms, to="in_call")
    return v.story.truth.get("codec.in_call") is True and v.story.state.get("call") is True and told


def answered_muted(v: Scene) -> bool:
    return v.story.truth.get("codec.muted") is True and v.story.state.get("mic") == "muted"


def framed(v: Scene) -> bool:
    """The seat that the desk asked for is really in the picture, and the room knows that by inquiry."""
    proven = v.story.has("proof", "camera.main.preset", v.since_ms, proof="proven")
    return v.story.truth.get("camera.chair") is True and proven


def out_of_turn(v: Scene) -> bool:
    opened = v.story.when("codec.muted", False, v.since_ms) is not None
    return opened and v.story.has("alert", "mic", v.since_ms, alert="mic_out_of_turn")


def handled(v: Scene) -> bool:
    """By the mode in force: enforce closes it, remind says so, watch writes what it would have done."""
    began = v.story.when("act.remote_opens", True) or v.day.start_ms
    closed = v.story.has("order", "codec.mute", began, value="muted", code="R9.closed")
    reminded = v.story.has("alert", "mic", began, alert="mic_reminder")
    would = v.story.has("would", "codec.mute=muted", began, code="R9.closed")
    if v.day.mode == "enforce":
        return closed and v.story.when("codec.muted", True, began) is not None
    return (
        would and not closed and v.story.truth.get("codec.muted") is False and reminded is (v.day.mode == "remind")
    )


def closed_again(v: Scene) -> bool:
    began = v.story.when("act.remote_opens", True) or v.day.start_ms
    return v.story.truth.get("codec.muted") is True and v.story.has(
        "alert.end", "mic", began, alert="mic_out_of_turn"
    )


def spoken(v: Scene) -> bool:
    """Open by the button, recorded as invited; the red lamp is really lit and nobody calls it out of turn."""
    invited_by = v.story.has("hold", "mic", v.since_ms, value="open", code="R9.spoken")
    lit = v.story.lines.get("mic") is True
    blamed = v.story.has("alert", "mic", v.since_ms)
    return v.story.truth.get("codec.muted") is False and invited_by and lit and not blamed


def turn_over(v: Scene) -> bool:
    return v.story.truth.get("codec.muted") is True and v.story.has(
        "hold", "mic", v.since_ms, value="muted", code="R9.done"
    )


def on_battery(v: Scene) -> bool:
    return v.story.state.get("power") == "battery" and v.story.has("alert", "ups", v.since_ms, alert="on_battery")


def unmoved(v: Scene) -> bool:
    """Mains are back, and between the cut and now no relay moved and the call went on."""
    cut = v.story.when("act.mains_away", True) or v.day.start_ms
    back = v.story.state.get("power") == "mains" and v.story.has("alert.end", "ups", cut, alert="on_battery")
    moved = [edge for edge in v.story.edges if edge.name in (*UP, "network") and edge.at_ms >= cut]
    return back and not moved and v.story.always("codec.in_call", True, cut)


# ---- after the meeting


def call_over(v: Scene) -> bool:
    return v.story.truth.get("codec.in_call") is False and v.story.state.get("call") is False


def warned(v: Scene) -> bool:
    """Not before the end. A warning longer than the grace begins at that very moment, by the room's reckoning."""
    rows = v.story.told("alert", "room", v.day.start_ms, alert="closing_soon")
    return any(record.at_ms >= v.day.end_ms - CLOCKS_MS for record in rows)


def slept_first(v: Scene) -> bool:
    """The codec slept and the camera was parked before their contacts opened, and nothing opened too early."""
    asleep, home = v.story.when("codec.asleep", True, v.day.end_ms), v.story.when("camera.home", True, v.day.end_ms)
    codec, camera = (_off_ms(v.story, name) for name in ("codec", "camera"))
    early = any(edge.name in UP and edge.at_ms < v.day.end_ms for edge in v.story.switched(False))
    if None in (asleep, home, codec, camera):
        return False
    return asleep <= codec and home <= camera and not early  # type: ignore[operator]


def _off_ms(s: Story, name: str) -> int | None:
    return next((edge.at_ms for edge in s.switched(False) if edge.name == name), None)


def down_in_order(v: Scene) -> bool:
    return tuple(edge.name for edge in v.story.switched(False) if edge.name in UP) == DOWN


def off_proven(v: Scene) -> bool:
    """Proven by silence where a device hangs on it; and they are really dark."""
    proven = all(v.story.has("proof", f"load.{name}", v.day.end_ms, proof="proven", seen="off") for name in UP)
    return proven and v.story.truth.get("codec.powered") is False and v.story.truth.get("camera.powered") is False


def closing_record(v: Scene) -> bool:
    return v.story.has("noted", "closed", v.day.end_ms, value="all_off")


def dark_again(v: Scene) -> bool:
    steady = v.story.lines.get("network") is True and not any(edge.name == "network" for edge in v.story.edges)
    return steady and dark(v) and v.story.lines.get("ready") is False


def unbroken(v: Scene) -> bool:
    """All records of the day are at the centre, chained, and none tells of something out of order or failed."""
    rows = sorted(v.story.records, key=lambda record: record.seq)
    whole = bool(rows) and [row.seq for row in rows] == list(range(1, len(rows) + 1))
    chained = all(later.prev == sooner.hash for sooner, later in pairwise(rows))
    return whole and chained and next(bad(rows), None) is None


def bad(rows: list[Record]) -> Iterator[Record]:
    """Records that a good day does not have."""
    for row in rows:
        failed = row.kind == "proof" and row.body.get("proof") == "failed"
        if failed or row.kind in ("out_of_order", "unlogged"):
            yield row


def steps(mode: str) -> tuple[Step, ...]:
    """The day for R9 in `mode`."""
    return (*_morning(), *_meeting(mode), *_evening())


def _morning() -> Iterator[Step]:
    yield Step("dark", dark)
    yield Step("invited", invited)
    yield Step("booked", booked, 5, "ready_ms")
    yield Step("up_in_order", up_in_order, 5, "ready_ms")
    yield Step("booted", booted, 5, "ready_ms")
    yield Step("all_proven", all_proven, 5, "ready_ms")
    yield Step("checked", checked, 5, "ready_ms")
    yield Step("ready", ready, 5, "ready_ms")


def _meeting(mode: str) -> Iterator[Step]:
    yield Step("in_call", in_call, 30, "start_ms", "mcu_calls", "start_ms")
    yield Step("answered_muted", answered_muted)
    yield Step("framed", framed, act="seat")
    yield Step("out_of_turn", out_of_turn, act="remote_opens")
    yield Step(f"handled_{mode}", handled)
    yield Step("closed_again", closed_again, act="" if mode == "enforce" else "remote_closes")
    yield Step("spoken", spoken, act="hold.talk")
    yield Step("turn_over", turn_over, act="press.talk")
    yield Step("on_battery", on_battery, act="mains_away")
    yield Step("unmoved", unmoved, act="mains_back")
    yield Step("call_over", call_over, act="mcu_hangs_up")


def _evening() -> Iterator[Step]:
    yield Step("warned", warned, 60, "end_ms")
    yield Step("slept_first", slept_first, 120, "end_ms")
    yield Step("down_in_order", down_in_order, 150, "end_ms")
    yield Step("off_proven", off_proven, 180, "end_ms")
    yield Step("closing_record", closing_record, 180, "end_ms")
    yield Step("dark_again", dark_again, 180, "end_ms")
    yield Step("unbroken", unbroken, 200, "end_ms")
