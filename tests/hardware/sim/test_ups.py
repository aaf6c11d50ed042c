"""The simulated UPS as a body: energy in, energy out, and the traps of real ones."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import NEVER_MS
from hardware.sim.ups import CUT_DELAY_MS, START_DELAY_MS, TEST_MS, SimUps, UpsSpec


def test_mains_lost_drains_by_load_and_cuts_when_empty() -> None:
    ups = SimUps(UpsSpec(capacity_wh=100, load_w=170))
    assert ups.runtime_s == pytest.approx(100 * 3600 / 210, rel=0.01)
    ups.mains(False, 1_000)
    empty_ms = ups.wake_ms
    ups.advance(empty_ms // 2)
    assert ups.charge_pct == pytest.approx(50, abs=1)
    ups.load(85, empty_ms // 2)
    assert ups.wake_ms > empty_ms
    ups.load(170, empty_ms // 2)
    ups.advance(empty_ms + 10)
    assert (ups.output, ups.alive, ups.charge_pct, ups.load_pct) == (False, False, 0.0, 0.0)
    assert ups.wake_ms == NEVER_MS


def test_low_comes_before_empty() -> None:
    ups, low = SimUps(), []
    ups.mains(False, 0)
    empty_ms = ups.wake_ms
    for now_ms in (0, empty_ms - 60_000):
        ups.advance(now_ms)
        low.append(ups.low)
    ups.mains(True, empty_ms - 50_000)
    assert [*low, ups.low] == [False, True, False]


@pytest.mark.parametrize(("auto", "output"), [(True, True), (False, False)])
def test_it_returns_with_the_mains_when_its_auto_start_is_on(auto: bool, output: bool) -> None:
    ups = SimUps(UpsSpec(auto_start=auto))
    ups.mains(False, 0)
    ups.advance(10**8)
    ups.mains(True, 10**8)
    assert (ups.output, ups.alive) == (False, True)
    ups.advance(10**8 + START_DELAY_MS)
    assert ups.output is output


def test_it_recharges() -> None:
    ups = SimUps()
    ups.mains(False, 0)
    ups.mains(True, 600_000)
    before = ups.charge_pct
    ups.advance(3_600_000)
    assert before < ups.charge_pct < 100.0
    ups.advance(10**9)
    assert ups.charge_pct == 100.0


@pytest.mark.parametrize(("health", "words"), [(1.0, "Done and passed"), (0.4, "Done and error")])
def test_a_self_test(health: float, words: str) -> None:
    ups = SimUps(UpsSpec(health=health))
    assert ups.test(0)
    assert (ups.on_battery, ups.test_result, ups.wake_ms) == (True, "In progress", TEST_MS)
    assert not ups.test(5_000)
    ups.advance(TEST_MS)
    assert (ups.on_battery, ups.test_result, ups.worn) == (False, words, health < 0.5)


def test_a_test_ends_early() -> None:
    ups = SimUps()
    assert ups.test(0)
    assert ups.stop_test(2_000)
    assert (ups.testing, ups.test_result) == (False, "Aborted")
    assert ups.stop_test(3_000)
    ups.test(4_000)
    ups.mains(False, 5_000)
    assert (ups.testing, ups.on_battery, ups.test_result) == (False, True, "Aborted")
    assert not ups.test(6_000)


def test_a_test_on_a_dead_battery_drops_the_load() -> None:
    ups = SimUps(UpsSpec(capacity_wh=0.1))
    ups.test(0)
    ups.advance(TEST_MS)
    assert (ups.output, ups.worn) == (False, True)
    ups.advance(TEST_MS + START_DELAY_MS)
    assert ups.output


def test_shutdown_with_return() -> None:
    ups = SimUps()
    ups.mains(False, 0)
    ups.shutdown_return(1_000)
    assert ups.cutting
    ups.advance(1_000 + CUT_DELAY_MS)
    assert (ups.output, ups.cutting) == (False, False)
    ups.mains(True, 90_000)
    ups.advance(90_000 + START_DELAY_MS)
    assert ups.output


@pytest.mark.parametrize("cuts", [False, True])
def test_a_cut_when_the_mains_came_back(cuts: bool) -> None:
    ups = SimUps(UpsSpec(cuts_on_mains=cuts))
    ups.mains(False, 0)
    ups.shutdown_return(1_000)
    ups.mains(True, 2_000)
    ups.advance(1_000 + CUT_DELAY_MS)
    assert ups.output is not cuts
    ups.advance(1_000 + CUT_DELAY_MS + START_DELAY_MS)
    assert ups.output


def test_a_cut_taken_back() -> None:
    ups = SimUps()
    ups.mains(False, 0)
    ups.shutdown_return(0)
    ups.shutdown_stop(1_000)
    ups.advance(CUT_DELAY_MS)
    assert ups.output


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["on", "off", "low", "test", "stop", "cut", "keep", "load"]), st.integers(0, 2_000_000)
        ),
        max_size=30,
    )
)
def test_its_next_change_is_always_ahead(steps: list[tuple[str, int]]) -> None:
    ups, now_ms = SimUps(UpsSpec(capacity_wh=20)), 0
    acts: dict[str, Callable[[], object]] = {
        "on": lambda: ups.mains(True, now_ms),
        "off": lambda: ups.mains(False, now_ms),
        "low": lambda: ups.mains(True, now_ms, 180.0),
        "test": lambda: ups.test(now_ms),
        "stop": lambda: ups.stop_test(now_ms),
        "cut": lambda: ups.shutdown_return(now_ms),
        "keep": lambda: ups.shutdown_stop(now_ms),
        "load": lambda: ups.load(400.0, now_ms),
    }
    for act, wait_ms in steps:
        now_ms += wait_ms
        acts[act]()
        ups.advance(now_ms)
        assert ups.wake_ms > now_ms
        assert 0.0 <= ups.charge_pct <= 100.0
