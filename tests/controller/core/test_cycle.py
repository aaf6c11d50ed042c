"""`load NAME cycle`: one command, off and on again, with one end that is told."""

from __future__ import annotations

import pytest

from controller.core.records import Reply
from controller.core.room import Rank
from hardware.contract import Result, Stage
from tests.controller.day import Day
from tests.controller.pc_kit import living
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting


def ready(hour: float = 15.0) -> Day:
    day = Day(hour).run(20_000)
    day.command("power", "on")
    return day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)


def moves(day: Day, load: str) -> list[object]:
    return [value for target, value in day.switched() if target == f"load.{load}"]


def test_off_its_time_and_on_again_although_the_room_is_held_on() -> None:
    day = ready()
    reply = day.command("load", "mixer", "cycle", id="c")
    assert reply == Reply("c", "accepted")
    day.run(MINUTE_MS)
    assert moves(day, "mixer") == ["on", "off", "on"]
    assert day.order_ms("load.mixer", "on") - day.order_ms("load.mixer", "off") >= 5_000
    assert day.replies[-1] == Reply("c", "done")
    assert day.told("cycle", "load.mixer") == [{"stage": "done", "id": "c", "subject": "load.mixer"}]
    assert "cycle.mixer" not in day.state.holds


def test_a_repeat_hears_the_end_and_does_nothing() -> None:
    day = ready()
    day.command("load", "mixer", "cycle", id="c")
    day.run(MINUTE_MS)
    n = len(day.orders)
    assert day.command("load", "mixer", "cycle", id="c").stage == "done"
    assert len(day.run(MINUTE_MS).orders) == n


def test_what_nobody_holds_on_is_on_again_all_the_same() -> None:
    day = Day(15.0).run(20_000)
    day.command("load", "mixer", "on", hold_ms=MINUTE_MS)
    day.run(2 * MINUTE_MS)
    assert "mixer" in day.relays("on")
    day.command("load", "mixer", "cycle")
    day.run(MINUTE_MS)
    assert "mixer" in day.relays("on")


def test_the_codec_falls_asleep_first_and_its_answer_is_the_end() -> None:
    day = ready()
    day.command("load", "codec", "cycle", id="c")
    day.run(MINUTE_MS)
    words = [(t, v) for t, v in day.switched() if t in ("codec.power", "load.codec")]
    asleep = words.index(("codec.power", "asleep"))
    assert words[asleep : asleep + 3] == [("codec.power", "asleep"), ("load.codec", "off"), ("load.codec", "on")]
    assert day.replies[-1].stage == "accepted", "its contact is closed, and it has not answered yet"
    day.until(lambda d: d.replies[-1].stage == "done", 5 * MINUTE_MS)
    assert day.state.facts["codec.answers"].value is True


@pytest.mark.parametrize(
    ("load", "code"), [("mixer", "N9.meeting"), ("network", "N9.meeting")], ids=["a_load", "the_network"]
)
def test_it_is_refused_in_the_use_lock(load: str, code: str) -> None:
    day = Day(6.0).calendar(a_meeting(8, 10)).to(7.5)
    reply = day.command("load", load, "cycle")
    assert (reply.stage, reply.code) == ("refused", code)
    assert day.command("load", load, "cycle", force="Lê Thị Kỹ").stage == "accepted"


def test_a_lock_that_begins_in_the_middle_keeps_the_load_on() -> None:
    day = ready()
    day.far.deaf.add("load.mixer")
    day.command("load", "mixer", "cycle", id="c")
    day.far.deaf.clear()
    day.call().run(10 * MINUTE_MS)
    assert "mixer" in day.relays("on")
    assert (day.replies[-1].stage, day.replies[-1].id) == ("failed", "c")


def test_what_is_off_unknown_or_under_way_is_refused() -> None:
    day = ready()
    day.command("load", "mixer", "cycle")
    codes = [day.command("load", name, "cycle").code for name in ("mixer", "fan", "kettle")]
    assert codes == ["cycling", "not_on", "unknown_load"]


def test_a_computer_is_never_cycled() -> None:
    day = living(15.0)
    day.command("power", "on")
    day.run(10 * MINUTE_MS)
    assert day.command("load", "codec", "cycle").code == "computer_kept"


def test_a_device_that_does_not_come_back_is_told_as_failed() -> None:
    day = ready()
    day.far.dead.add("camera")
    day.command("load", "camera", "cycle", id="c")
    day.until(lambda d: d.replies[-1].id == "c" and d.replies[-1].stage == "failed", 20 * MINUTE_MS)
    assert day.replies[-1].code in ("timeout", "no_effect")
    assert "camera" in day.relays("on"), "it is left on"


def test_a_restart_in_the_middle_ends_with_the_load_on() -> None:
    day = ready()
    day.command("load", "display", "cycle", id="c")
    day.until(lambda d: "display" in d.relays("off"), MINUTE_MS)
    day.restart()
    day.run(5 * MINUTE_MS)
    assert "display" in day.relays("on")
    assert day.replies[-1] == Reply("c", "done")


# ---- the network: the keeper alone


def on_line() -> Day:
    day = Day(15.0).run(MINUTE_MS)
    assert "network" in day.relays("on")
    return day


@pytest.mark.parametrize(("stage", "code"), [(Stage.DONE, ""), (Stage.REFUSED, "cycle_budget")])
def test_the_network_is_one_order_for_the_keeper(stage: Stage, code: str) -> None:
    day = on_line()
    n = len(day.orders)
    day.far.deaf.add("load.network.cycle")
    assert day.command("load", "network", "cycle", id="c").stage == "accepted"
    day.run(1_000)
    ((_, order, rank),) = day.orders[n:]
    assert (order.target, order.value, rank) == ("load.network.cycle", "cycle", Rank.USE_LOCK)
    day.give(Result(order.id, stage, code, day.mono_ms))
    day.run(1_000)
    told = Reply("c", "done") if stage is Stage.DONE else Reply("c", "failed", code)
    assert day.replies[-1] == told
    assert len(day.run(HOUR_MS).orders) == n + 1, "never a second time by itself"


def test_a_keeper_that_says_nothing_is_a_failure() -> None:
    day = on_line()
    day.far.deaf.add("load.network.cycle")
    day.command("load", "network", "cycle", id="c")
    day.run(10 * MINUTE_MS)
    assert (day.replies[-1].stage, day.replies[-1].code) == ("failed", "timeout")


def test_both_witnesses_of_a_forced_one_are_kept() -> None:
    day = Day(6.0).calendar(a_meeting(8, 10)).to(7.5)
    day.command("load", "mixer", "cycle", force="Lê Thị Kỹ")
    (row,) = [row for row in day.told("command") if row.get("force")]
    assert (row["force"], row["reason"]) == ("Lê Thị Kỹ", "because")
