"""The relay lines in time: guards, cycles, the lost controller, and random lives with their laws."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.keeper_table import Line, Table
from hardware.relay_lines import DAY_MS, NEVER_MS, RETRY_MS, RelayLines

HOUR = 3_600_000
TABLE = Table(
    (
        Line("codec", 17, min_off_ms=15_000, close_order=3, close_delay_ms=2_000),
        Line("amplifier", 18, min_off_ms=5_000, close_order=1, close_delay_ms=5_000),
        Line("network", 22, active_high=False, boot="on", close_order=9, cycles_a_day=2, cycle_off_ms=20_000),
        Line("heater", 23, lost="off", max_on_ms=HOUR, min_off_ms=60_000),
        Line("alive", 24, run="on", lost="off", stop="off"),
    ),
    hold_max_ms=12 * HOUR,
)


def fresh(now_ms: int = 0, saved: Mapping[str, object] | None = None) -> RelayLines:
    return RelayLines(TABLE, now_ms, saved or {})


def on(lines: RelayLines) -> set[str]:
    return {name for name, relay in lines.relays.items() if relay.want}


def truth(lines: RelayLines) -> dict[str, bool | None]:
    return {name: relay.want for name, relay in lines.relays.items()}


def test_a_new_boot_drives_the_boot_values_and_counts_the_off_time_from_now() -> None:
    lines = fresh(1_000)
    assert on(lines) == {"network"}
    assert lines.set("codec", True, 15_999) == "min_off"
    assert lines.set("codec", True, 16_000) == ""


def test_orders_and_their_refusals() -> None:
    lines = fresh()
    assert lines.set("kettle", True, 0) == lines.cycle("kettle", 0) == "unknown_load"
    assert lines.set("codec", True, 20_000) == ""
    assert lines.set("codec", True, 20_001) == ""
    assert lines.set("codec", False, 20_002) == ""
    assert lines.set("codec", True, 20_003) == "min_off"
    assert lines.cycle("codec", 20_004) == "no_cycle"
    lines.lose(21_000)
    assert lines.set("codec", False, 21_000) == lines.cycle("network", 21_000) == "no_lease"


def test_a_cycle_ends_by_itself_twice_a_day() -> None:
    lines = fresh()
    now = 0
    for _ in range(2):
        assert lines.cycle("network", now) == ""
        assert "network" not in on(lines)
        assert lines.set("network", True, now + 1) == lines.cycle("network", now + 1) == "cycling"
        assert lines.wake_ms == now + 20_000
        lines.tick(now + 19_999)
        assert "network" not in on(lines)
        now += 20_000
        lines.tick(now)
        assert "network" in on(lines)
    assert lines.cycle("network", now) == "cycle_budget"
    assert lines.cycle("network", DAY_MS) == ""


def test_off_ends_a_cycle_where_it_is() -> None:
    lines = fresh()
    lines.cycle("network", 0)
    assert lines.set("network", False, 1_000) == ""
    lines.tick(60_000)
    assert on(lines) == set()
    assert lines.cycle("network", 60_000) == "is_off"


def test_a_cycle_goes_on_without_a_controller() -> None:
    lines = fresh()
    lines.cycle("network", 0)
    lines.lose(5_000)
    lines.tick(20_000)
    assert on(lines) == {"network"}


def test_nobody_for_hold_max_during_a_cycle_leaves_it_off() -> None:
    lines = RelayLines(TABLE._replace(hold_max_ms=10_000), 0, {})
    lines.cycle("network", 0)
    lines.lose(0)
    lines.tick(30_000)
    assert on(lines) == set()


def test_what_a_computer_hangs_on_is_never_closed_by_the_keeper_alone() -> None:
    kept = TABLE.lines[0]._replace(keeps=True)
    lines = RelayLines(TABLE._replace(lines=(kept, *TABLE.lines[1:]), hold_max_ms=10_000), 0, {})
    for name in ("codec", "amplifier"):
        lines.set(name, True, 20_000)
    lines.lose(20_000)
    for now_ms in range(30_000, 120_000, 1_000):
        lines.tick(now_ms)
    assert on(lines) == {"codec"}
    assert lines.wake_ms == NEVER_MS, "nothing is left to close"


def test_longest_on_time_ends_a_load_that_nobody_ended() -> None:
    lines = fresh()
    lines.set("heater", True, 60_000)
    assert lines.wake_ms == 60_000 + HOUR
    lines.tick(60_000 + HOUR)
    assert "heater" not in on(lines)
    assert lines.notes() == ("heater off: max_on",)
    assert lines.notes() == ()


def test_lost_controller_drops_what_must_not_run_alone_and_holds_the_rest() -> None:
    lines = fresh()
    for load in ("codec", "amplifier", "heater"):
        lines.set(load, True, 60_000)
    lines.lose(100_000)
    lines.tick(100_000)
    assert on(lines) == {"codec", "amplifier", "network"}
    assert lines.wake_ms == 100_000 + 12 * HOUR


def test_a_controller_lost_twice_within_the_pace_drops_its_lines_twice() -> None:
    lines = fresh()
    for now in (0, 1_000):
        lines.lose(now)
        lines.tick(now)
        assert "alive" not in on(lines)
        lines.find(now + 500)
        assert "alive" in on(lines)


def test_hold_ends_in_sequence() -> None:
    lines = fresh()
    for load in ("codec", "amplifier"):
        lines.set(load, True, 60_000)
    lines.lose(100_000)
    steps = []
    now = 100_000
    while lines.wake_ms < NEVER_MS:
        now = lines.wake_ms
        before = on(lines)
        lines.tick(now)
        assert lines.wake_ms > now
        steps += [(now - 100_000 - 12 * HOUR, *(before - on(lines)))]
    assert steps == [(0, "amplifier"), (5_000, "codec"), (7_000, "network")]


def test_a_keeper_that_restarts_in_the_closing_keeps_the_distance() -> None:
    lines = fresh()
    lines.set("codec", True, 60_000)
    lines.lose(0, resumed_ms=13 * HOUR)
    lines.tick(13 * HOUR)
    assert on(lines) == {"codec", "network"}
    assert lines.wake_ms == 13 * HOUR + RETRY_MS
    lines.tick(lines.wake_ms)
    assert on(lines) == {"network"}


def test_a_controller_that_returns_ends_the_closing() -> None:
    lines = fresh()
    for load in ("codec", "amplifier"):
        lines.set(load, True, 60_000)
    lines.lose(0)
    lines.tick(12 * HOUR)
    lines.find(12 * HOUR + 1)
    lines.tick(20 * HOUR)
    assert on(lines) == {"codec", "network", "alive"}


def test_run_and_stop_values_move_only_what_declares_them() -> None:
    lines = fresh()
    lines.find(10)
    assert "alive" not in on(lines), "the lease had not been lost"
    lines.lose(20)
    lines.find(30)
    assert on(lines) == {"network", "alive"}
    lines.stop(40)
    assert on(lines) == {"network"}


def test_run_waits_for_the_minimum_off_time() -> None:
    lines = RelayLines(Table((Line("x", 1, run="on", min_off_ms=10_000),)), 0, {})
    lines.lose(0)
    lines.find(9_999)
    assert on(lines) == set()
    lines.lose(9_999)
    lines.find(10_000)
    assert on(lines) == {"x"}


def test_a_line_that_does_not_follow_is_believed_and_said_once() -> None:
    lines = fresh()
    lines.set("codec", True, 20_000)
    assert lines.see(truth(lines) | {"codec": False}, 20_001) == {"codec"}
    assert lines.faults == {"codec": "read_back"}
    assert "codec" not in on(lines)
    assert lines.see(truth(lines), 20_002) == frozenset()
    assert lines.faults == {"codec": "read_back"}, "it stays until an order is followed"
    assert lines.notes() == ("codec: read_back",)
    lines.set("codec", True, 40_000)
    assert lines.see(truth(lines), 40_001) == frozenset()
    assert lines.faults == {}


def test_a_line_that_cannot_be_read_is_a_fault_until_it_can() -> None:
    lines = fresh()
    assert lines.see(dict.fromkeys(lines.relays), 0) == set(lines.relays)
    assert on(lines) == {"network"}, "not known is no reason to move"
    assert lines.see(truth(lines), 1) == frozenset()
    assert lines.faults == {}


def test_a_stuck_line_is_told_again_at_a_flat_pace_and_does_not_stop_the_others() -> None:
    lines = fresh()
    for load in ("codec", "amplifier"):
        lines.set(load, True, 60_000)
    lines.lose(0)
    now, tries = 12 * HOUR, []
    while now < 12 * HOUR + 60_000:
        lines.tick(now)
        if not lines.relays["amplifier"].want:
            tries.append(now - 12 * HOUR)
        lines.see(truth(lines) | {"amplifier": True}, now)
        assert lines.wake_ms > now
        now = lines.wake_ms
    assert on(lines) == {"amplifier"}
    assert all(later - first >= RETRY_MS for first, later in pairwise(tries))
    assert len(tries) > 3


def test_what_was_saved_is_taken_over_and_rubbish_is_not() -> None:
    lines = fresh()
    lines.set("codec", True, 20_000)
    lines.cycle("network", 30_000)
    saved: dict[str, object] = {name: relay.saved() for name, relay in lines.relays.items()}
    again = fresh(40_000, saved)
    assert on(again) == {"codec"}
    again.tick(50_000)
    assert on(again) == {"codec", "network"}
    assert again.relays["network"].cycles == [30_000]
    rubbish: dict[str, object] = {
        "codec": {"on": 1, "on_ms": 0, "off_ms": 0, "cycle_ms": 0, "cycles": []},
        "amplifier": {"on": True, "on_ms": -1, "off_ms": 0, "cycle_ms": 0, "cycles": []},
        "heater": {"on": True, "on_ms": 0, "off_ms": 0, "cycle_ms": 0, "cycles": None},
        "network": 7,
    }
    assert on(fresh(0, rubbish)) == {"network"}


MOVES = st.lists(
    st.tuples(
        st.integers(0, 40_000),
        st.one_of(
            st.tuples(st.just("set"), st.sampled_from(list(fresh().relays)), st.booleans()),
            st.tuples(st.just("cycle"), st.sampled_from(["network", "codec"])),
            st.tuples(st.sampled_from(["lose", "find", "restart", "jump", "wake"])),
        ),
    ),
    max_size=60,
)


class Life:
    """Runs random moves and checks after each step what must always hold."""

    def __init__(self) -> None:
        self.now, self.lines = 0, fresh()
        self.off_ms = dict.fromkeys(self.lines.relays, 0)
        self.level = {name: name in on(self.lines) for name in self.lines.relays}

    def move(self, after_ms: int, what: tuple[object, ...]) -> None:
        self.now += 13 * HOUR if what[0] == "jump" else after_ms
        match what:
            case ("set", str(load), bool(to)):
                self.lines.set(load, to, self.now)
            case ("cycle", str(load)):
                self.lines.cycle(load, self.now)
            case ("lose",) if self.lines.lost_ms is None:
                self.lines.lose(self.now)
            case ("find",):
                self.lines.find(self.now)
            case ("restart",):
                lost_ms = self.lines.lost_ms
                saved = {name: relay.saved() for name, relay in self.lines.relays.items()}
                self.lines = fresh(self.now, saved)
                if lost_ms is not None:
                    self.lines.lose(lost_ms, self.now)
        self.lines.tick(self.now)
        assert self.lines.wake_ms > self.now
        self.check(what)

    def check(self, what: tuple[object, ...]) -> None:
        for name, relay in self.lines.relays.items():
            if relay.want and not self.level[name]:
                assert self.now - self.off_ms[name] >= relay.line.min_off_ms, f"{name} came back too soon"
                assert self.lines.lost_ms is None or name == "network", f"{name} on with nobody there"
            if self.level[name] and not relay.want:
                self.off_ms[name] = self.now
            if relay.want != self.level[name]:
                assert what != ("restart",) or relay.line.max_on_ms or name == "network", f"restart moved {name}"
            assert not (relay.want and self.lines.lost_ms is not None and relay.line.lost == "off")
            self.level[name] = bool(relay.want)
        self.lines.see(dict(self.level), self.now)


@settings(max_examples=300, deadline=None)
@given(MOVES)
def test_any_life_keeps_the_laws(moves: list[tuple[int, tuple[object, ...]]]) -> None:
    life = Life()
    for after_ms, what in moves:
        life.move(after_ms, what)


@given(MOVES)
def test_nobody_there_for_long_leaves_everything_off(moves: list[tuple[int, tuple[object, ...]]]) -> None:
    life = Life()
    for after_ms, what in moves:
        life.move(after_ms, what)
    if life.lines.lost_ms is None:
        life.move(0, ("lose",))
    while life.lines.wake_ms < NEVER_MS:
        life.now = life.lines.wake_ms
        life.move(0, ("wake",))
    assert on(life.lines) == set()
