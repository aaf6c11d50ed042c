"""The keeper's logic at its socket: golden bytes both ways, the lease, lamps, rubbish. Time is an argument."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.keeper_table import Line, Table
from hardware.keeping import LEASE_MAX_MS, RESTART_GRACE_MS, KeeperLogic

HOUR = 3_600_000
TABLE = Table(
    (
        Line("codec", 17, min_off_ms=15_000),
        Line("network", 22, active_high=False, boot="on", cycles_a_day=2),
        Line("heater", 23, lost="off"),
        Line("ready", 5, kind="lamp"),
        Line("mic", 6, kind="lamp"),
        Line("buzzer", 7, kind="buzzer"),
    )
)
RELAYS = ("codec", "network", "heater")


def drive(logic: KeeperLogic, now_ms: int, **read: bool | None) -> bytes:
    """What the process does after each step; `read` overrides what a pin shows."""
    logic.seen({**logic.levels(now_ms), **read}, now_ms)
    return logic.take()[0]


def talk(logic: KeeperLogic, now_ms: int, text: str, **read: bool | None) -> list[dict[str, object]]:
    logic.feed(text.encode() + b"\n", now_ms)
    return [json.loads(said) for said in drive(logic, now_ms, **read).splitlines()]


def met(now_ms: int = 0) -> KeeperLogic:
    """A keeper with a client that has a lease of 30 s and has heard the levels."""
    logic = KeeperLogic(TABLE, 0)
    logic.opened(now_ms)
    talk(logic, now_ms, '{"v":1,"do":"renew","lease_ms":30000}')
    return logic


def renew(logic: KeeperLogic, now_ms: int) -> None:
    assert talk(logic, now_ms, '{"v":1,"do":"renew","lease_ms":30000}') == []


def lit(logic: KeeperLogic, now_ms: int) -> set[str]:
    return {name for name in ("ready", "mic", "buzzer") if logic.levels(now_ms)[name]}


def test_a_client_hears_the_levels_at_once_in_these_bytes() -> None:
    logic = KeeperLogic(TABLE, 77)
    logic.opened(80)
    assert drive(logic, 80) == (
        b'{"v":1,"say":"levels","loads":{"codec":"off","network":"on","heater":"off"},"since_ms":77,"fault":""}\n'
    )


def test_an_order_is_done_when_it_was_read_back() -> None:
    logic = met()
    logic.feed(b'{"v":1,"do":"set","id":"b:1","load":"codec","to":"on"}\n', 20_000)
    assert drive(logic, 20_000) == (
        b'{"v":1,"say":"ack","id":"b:1","stage":"done","code":""}\n'
        b'{"v":1,"say":"levels","loads":{"codec":"on","network":"on","heater":"off"},"since_ms":0,"fault":""}\n'
    )


def test_an_order_whose_line_does_not_follow_failed() -> None:
    logic = met()
    order = '{"v":1,"do":"set","id":"b:1","load":"codec","to":"on"}'
    ack, levels = talk(logic, 20_000, order, codec=False)
    assert (ack["stage"], ack["code"]) == ("failed", "read_back")
    assert levels["fault"] == "codec:read_back"
    (refused,) = talk(logic, 20_001, order)
    assert refused["code"] == "min_off", "it may have been on for a moment"
    renew(logic, 29_000)
    ack, levels = talk(logic, 36_000, order, codec=None)
    assert (ack["code"], levels["fault"]) == ("no_line", "codec:no_line")
    assert levels["loads"] == {"codec": None, "network": "on", "heater": "off"}


def test_a_refusal_is_told_with_its_reason() -> None:
    logic = met()
    (ack,) = talk(logic, 14_999, '{"v":1,"do":"set","id":"1","load":"codec","to":"on"}')
    assert ack == {"v": 1, "say": "ack", "id": "1", "stage": "refused", "code": "min_off"}


def test_the_later_of_two_orders_supersedes_the_earlier() -> None:
    logic = met()
    order = '{"v":1,"do":"set","id":"%s","load":"heater","to":"%s"}'
    on, off = order % ("1", "on"), order % ("2", "off")
    acks = talk(logic, 1_000, f"{on}\n{off}")
    assert [(ack["id"], ack["stage"]) for ack in acks] == [("1", "superseded"), ("2", "done")]


def test_a_cycle_is_accepted_and_done_when_the_network_is_back() -> None:
    logic = met()
    accepted, levels = talk(logic, 1_000, '{"v":1,"do":"cycle","id":"1","load":"network"}')
    assert accepted["stage"] == "accepted"
    assert levels["loads"] == {"codec": "off", "network": "off", "heater": "off"}
    logic.tick(16_000)
    done, levels = [json.loads(said) for said in drive(logic, 16_000).splitlines()]
    assert (done["id"], done["stage"]) == ("1", "done")
    assert levels["loads"] == {"codec": "off", "network": "on", "heater": "off"}


def test_a_cycle_that_an_order_off_ends_is_superseded() -> None:
    logic = met()
    talk(logic, 1_000, '{"v":1,"do":"cycle","id":"1","load":"network"}')
    acks = talk(logic, 2_000, '{"v":1,"do":"set","id":"2","load":"network","to":"off"}')
    assert [(ack["id"], ack["stage"]) for ack in acks] == [("1", "superseded"), ("2", "done")]


def test_an_order_undone_by_a_guard_in_the_same_step_is_superseded() -> None:
    logic = met()
    logic.feed(b'{"v":1,"do":"set","id":"1","load":"heater","to":"on"}\n', 1_000)
    logic.tick(31_000)
    acks = [json.loads(said) for said in drive(logic, 31_000).splitlines()]
    assert acks[0]["stage"] == "superseded"


def test_levels_are_told_when_asked_and_when_they_change_and_not_otherwise() -> None:
    logic = met()
    assert drive(logic, 5) == b""
    assert [said["say"] for said in talk(logic, 6, '{"v":1,"do":"levels"}')] == ["levels"]
    assert drive(logic, 7, heater=True) != b""


def test_a_lamp_that_cannot_be_driven_is_a_fault_too() -> None:
    logic = met()
    assert b'"fault":"mic:no_line"' in drive(logic, 1, mic=None)
    assert b'"fault":""' in drive(logic, 2)


# The lease


def test_a_lapsed_lease_darkens_all_lamps_at_once_and_drops_what_must_not_run_alone() -> None:
    logic = met()
    talk(logic, 20_000, '{"v":1,"do":"set","id":"1","load":"codec","to":"on"}')
    talk(logic, 20_000, '{"v":1,"do":"set","id":"2","load":"heater","to":"on"}')
    talk(logic, 20_000, '{"v":1,"do":"lamps","show":{"ready":"steady","mic":"steady"}}')
    assert lit(logic, 29_999) == {"ready", "mic"}
    assert logic.wake_ms == 30_000
    logic.tick(30_000)
    assert lit(logic, 30_000) == set()
    levels = logic.levels(30_000)
    assert (levels["codec"], levels["heater"], levels["network"]) == (True, False, True)


def test_an_open_connection_and_orders_do_not_renew_the_lease() -> None:
    logic = met()
    for now in range(1_000, 30_000, 1_000):
        talk(logic, now, '{"v":1,"do":"levels"}')
    (ack,) = talk(logic, 30_000, '{"v":1,"do":"set","id":"1","load":"heater","to":"on"}')
    assert ack["code"] == "no_lease"


def test_a_renewal_that_comes_after_the_lapse_does_not_undo_it() -> None:
    logic = met()
    talk(logic, 1_000, '{"v":1,"do":"set","id":"1","load":"heater","to":"on"}')
    logic.feed(b'{"v":1,"do":"renew","lease_ms":30000}\n', 30_000)
    assert logic.levels(30_000)["heater"] is False
    assert not logic.dark


def test_a_controller_that_restarts_within_its_lease_changes_nothing() -> None:
    logic = met()
    talk(logic, 1_000, '{"v":1,"do":"set","id":"1","load":"heater","to":"on"}')
    talk(logic, 1_000, '{"v":1,"do":"lamps","show":{"ready":"steady"}}')
    before = logic.levels(2_000)
    logic.closed(2_000)
    assert drive(logic, 2_000) == b""
    logic.opened(25_000)
    drive(logic, 25_000)
    renew(logic, 25_000)
    logic.tick(40_000)
    assert logic.levels(40_000) == before


def test_lamps_of_a_dead_controller_are_not_shown_for_the_next() -> None:
    logic = met()
    talk(logic, 1_000, '{"v":1,"do":"lamps","show":{"ready":"steady"}}')
    logic.tick(30_000)
    logic.opened(31_000)
    drive(logic, 31_000)
    renew(logic, 31_000)
    assert lit(logic, 31_000) == set()


def test_a_loop_that_was_slow_gets_its_lamps_back() -> None:
    logic = met()
    talk(logic, 1_000, '{"v":1,"do":"lamps","show":{"ready":"steady"}}')
    logic.tick(30_000)
    assert lit(logic, 30_000) == set()
    renew(logic, 31_000)
    assert lit(logic, 31_000) == {"ready"}


def test_nobody_after_a_boot_is_a_lost_controller_after_the_grace() -> None:
    logic = KeeperLogic(Table((Line("x", 1, boot="on", lost="off"),)), 0)
    logic.tick(119_999)
    assert logic.levels(119_999)["x"]
    logic.tick(120_000)
    assert not logic.levels(120_000)["x"]


def test_a_restarted_keeper_goes_on_where_it_was_and_shows_no_lamp() -> None:
    logic = met()
    talk(logic, 20_000, '{"v":1,"do":"set","id":"1","load":"codec","to":"on"}')
    talk(logic, 20_000, '{"v":1,"do":"lamps","show":{"ready":"steady"}}')
    again = KeeperLogic(TABLE, 25_000, json.loads(json.dumps(logic.saved())))
    again.tick(25_000)
    expected = {"codec": True, "network": True, "heater": False, "ready": False, "mic": False, "buzzer": False}
    assert again.levels(25_000) == expected
    assert again.wake_ms == 25_000 + RESTART_GRACE_MS


def test_a_restarted_keeper_knows_since_when_nobody_is_there() -> None:
    logic = met()
    logic.tick(30_000)
    again = KeeperLogic(TABLE, 40_000, json.loads(json.dumps(logic.saved())))
    again.tick(40_000)
    assert again.wake_ms == 30_000 + 12 * HOUR


@pytest.mark.parametrize("saved", [{"relays": 3, "lost_ms": "x"}, {"relays": None}, {}])
def test_rubbish_from_an_earlier_life_is_as_good_as_nothing(saved: dict[str, object]) -> None:
    assert KeeperLogic(TABLE, 5, saved).levels(5) == KeeperLogic(TABLE, 5).levels(5)


def test_an_ordered_stop_darkens_the_lamps_and_moves_no_relay() -> None:
    logic = met()
    talk(logic, 20_000, '{"v":1,"do":"set","id":"1","load":"codec","to":"on"}')
    talk(logic, 20_000, '{"v":1,"do":"lamps","show":{"ready":"steady"}}')
    logic.stop(21_000)
    assert {name for name, level in logic.levels(21_000).items() if level} == {"codec", "network"}


# Lamps


def test_lamps_blink_and_the_keeper_wakes_for_each_edge() -> None:
    logic = met()
    talk(logic, 0, '{"v":1,"do":"lamps","show":{"ready":"slow","mic":"fast","buzzer":"beep"}}')
    seen = []
    now = 0
    while now < 2_000:
        seen.append((now, lit(logic, now)))
        logic.tick(now)
        assert logic.wake_ms > now
        now = logic.wake_ms
    assert seen[:4] == [
        (0, {"ready", "mic", "buzzer"}),
        (200, {"ready"}),
        (400, {"ready", "mic"}),
        (600, {"ready"}),
    ]


def test_the_same_picture_again_does_not_play_a_refusal_again() -> None:
    logic = met()
    for now in (0, 2_000):
        talk(logic, now, '{"v":1,"do":"lamps","show":{"mic":"refused"}}')
    assert lit(logic, 2_000) == set()
    talk(logic, 3_000, '{"v":1,"do":"lamps","show":{}}')
    talk(logic, 4_000, '{"v":1,"do":"lamps","show":{"mic":"refused"}}')
    assert lit(logic, 4_000) == {"mic"}


def test_a_lamp_that_is_not_named_is_dark_and_an_unknown_one_hurts_nobody() -> None:
    logic = met()
    talk(logic, 0, '{"v":1,"do":"lamps","show":{"mic":"steady"}}')
    (bad,) = talk(logic, 1, '{"v":1,"do":"lamps","show":{"ready":"steady","door":"slow","buzzer":"slow"}}')
    assert (bad["code"], lit(logic, 1)) == ("lamp", {"ready"})


# Rubbish


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "json"),
        ("[]", "json"),
        ('{"do":"levels"}', "version"),
        ('{"v":2,"do":"levels"}', "version"),
        ('{"v":1,"do":"dance"}', "unknown"),
        ('{"v":1,"do":["set"]}', "unknown"),
        ('{"v":1,"do":"renew"}', "args"),
        ('{"v":1,"do":"renew","lease_ms":true}', "args"),
        ('{"v":1,"do":"renew","lease_ms":0}', "args"),
        (f'{{"v":1,"do":"renew","lease_ms":{LEASE_MAX_MS + 1}}}', "args"),
        ('{"v":1,"do":"set","id":"1","load":"codec","to":"maybe"}', "args"),
        ('{"v":1,"do":"set","id":1,"load":"codec","to":"on"}', "args"),
        ('{"v":1,"do":"set","id":"1","load":["codec"],"to":"on"}', "args"),
        ('{"v":1,"do":"set","id":"%s","load":"codec","to":"on"}' % ("x" * 101), "args"),
        ('{"v":1,"do":"cycle","id":"1"}', "args"),
        ('{"v":1,"do":"lamps","show":["mic"]}', "args"),
        ('{"v":1,"do":"lamps","show":{"mic":["steady"]}}', "lamp"),
    ],
)
def test_a_message_that_makes_no_sense_is_told_back_and_changes_nothing(text: str, code: str) -> None:
    logic = met()
    before = logic.levels(1)
    (bad,) = talk(logic, 1, text)
    assert bad == {"v": 1, "say": "bad", "code": code, "count": 1}
    assert logic.levels(1) == before


def test_much_rubbish_gets_one_answer() -> None:
    logic = met()
    (bad,) = talk(logic, 1, "x\n" * 999 + "x")
    assert bad["count"] == 1000


MESSAGES = st.sampled_from(
    [
        b'{"v":1,"do":"renew","lease_ms":30000}\n',
        b'{"v":1,"do":"set","id":"1","load":"heater","to":"on"}\n',
        b'{"v":1,"do":"set","id":"2","load":"codec","to":"off"}\n',
        b'{"v":1,"do":"cycle","id":"3","load":"network"}\n',
        b'{"v":1,"do":"lamps","show":{"mic":"double"}}\n',
        b'{"v":1,"do":"levels"}\n',
        b"\x00\xff{\n",
    ]
)
WIRE = st.lists(st.one_of(MESSAGES, st.binary(max_size=30)), max_size=20).map(b"".join)


@given(WIRE, st.lists(st.integers(1, 30), max_size=60))
def test_any_bytes_in_any_cuts_never_raise_and_lead_to_the_same(data: bytes, cuts: list[int]) -> None:
    whole, cut = met(), met()
    whole.feed(data, 1_000)
    at = 0
    for size in cuts:
        cut.feed(data[at : at + size], 1_000)
        at += size
    cut.feed(data[at:], 1_000)
    drive(whole, 1_000)
    drive(cut, 1_000)
    assert whole.levels(1_000) == cut.levels(1_000)
    assert whole.saved() == cut.saved()


@given(st.lists(st.tuples(st.integers(0, 50_000), WIRE), max_size=12))
def test_no_lamp_is_lit_without_a_lease_whatever_comes(life: list[tuple[int, bytes]]) -> None:
    logic, now, lease_ms = KeeperLogic(TABLE, 0), 0, 120_000
    logic.opened(0)
    for after_ms, data in life:
        now += after_ms
        logic.feed(data, now)
        if b'"renew","lease_ms":30000}\n' in data:
            lease_ms = max(lease_ms, now + 30_000)
        drive(logic, now)
        logic.tick(now)
        assert logic.wake_ms > now
        assert now < lease_ms or lit(logic, now) == set()
