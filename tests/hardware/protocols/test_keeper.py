"""The client of the keeper, alone with golden bytes, and against the keeper's own logic in memory."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import FIELDS, Order, OrderId, Reading, Report, Result, Stage, Value
from hardware.keeper_table import Line, Table
from hardware.protocols.keeper import REPORTS_MAX, KeeperClient
from hardware.sim.keeper import SimKeeper

TABLE = Table(
    (
        Line("codec", 17, min_off_ms=15_000),
        Line("network", 22, active_high=False, boot="on", cycles_a_day=2),
        Line("ready", 5, kind="lamp"),
    )
)
LEVELS = b'{"v":1,"say":"levels","loads":{"codec":"on","network":null},"since_ms":7,"fault":"x"}\n'


def client() -> KeeperClient:
    return KeeperClient(["codec", "network"], ["ready"], lease_ms=30_000)


def order(n: int, target: str, value: Value, within_ms: int = 2_000) -> Order:
    return Order(OrderId("boot", n), target, value, within_ms)


def results(reports: tuple[Report, ...]) -> list[tuple[int, Stage, str]]:
    return [(report.order.n, report.stage, report.code) for report in reports if isinstance(report, Result)]


def readings(reports: tuple[Report, ...], source: str) -> list[dict[str, Value]]:
    return [dict(r.values) for r in reports if isinstance(r, Reading) and r.source == source]


class Both:
    """Client and keeper on one wire without delay; time moves to whoever wakes first."""

    def __init__(self) -> None:
        self.now, self.client, self.keeper = 0, client(), SimKeeper(TABLE)
        self.reports: list[Report] = []
        self.open()

    def open(self) -> None:
        self.keeper.opened(self.now)
        self.client.opened(self.now)
        self.exchange()

    def exchange(self) -> None:
        for _ in range(4):
            data, reports = self.client.take()
            self.reports += reports
            self.keeper.feed(data, self.now)
            self.client.feed(self.keeper.take()[0], self.now)

    def upto(self, end_ms: int, *, renewing: bool = True) -> tuple[Report, ...]:
        while self.now < end_ms:
            self.now = min(self.client.wake_ms, self.keeper.wake_ms, self.now + 10_000, end_ms)
            if renewing:
                self.client.renew(self.now)
            self.client.tick(self.now)
            self.keeper.tick(self.now)
            self.exchange()
            assert min(self.client.wake_ms, self.keeper.wake_ms) > self.now
        said, self.reports = tuple(self.reports), []
        return said

    def ask(self, *orders: Order) -> tuple[Report, ...]:
        for each in orders:
            self.client.ask(each, self.now)
        self.exchange()
        return self.upto(self.now + 1)


# Alone


def test_opening_carries_lease_and_lamps_and_asks_for_levels_in_these_bytes() -> None:
    talk = client()
    talk.opened(0)
    assert talk.take()[0] == b'{"v":1,"do":"levels"}\n'
    talk.closed(1)
    talk.renew(10_000)
    talk.lamps({"ready": "slow", "nonsense": "off"}, 10_000)
    assert talk.take()[0] == b""
    talk.opened(15_000)
    assert talk.take()[0] == (
        b'{"v":1,"do":"renew","lease_ms":25000}\n{"v":1,"do":"lamps","show":{"ready":"slow"}}\n{"v":1,"do":"levels"}\n'
    )


def test_orders_are_these_bytes() -> None:
    talk = client()
    talk.opened(0)
    talk.take()
    talk.ask(order(1, "load.codec", "on"), 0)
    talk.ask(order(2, "load.network", "cycle"), 0)
    assert talk.take()[0] == (
        b'{"v":1,"do":"set","id":"boot:1","load":"codec","to":"on"}\n'
        b'{"v":1,"do":"cycle","id":"boot:2","load":"network"}\n'
    )


def test_levels_become_readings_of_the_vocabulary() -> None:
    talk = client()
    talk.opened(0)
    talk.feed(LEVELS, 5)
    assert talk.take()[1] == (
        Reading("relay", (("codec", "on"), ("network", None)), 5),
        Reading("keeper", (("up", True), ("since_ms", 7), ("fault", "x")), 5),
    )
    assert set(FIELDS["keeper"]) == {"up", "since_ms", "fault"}


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [("load.kettle", "on", "unknown_load"), ("codec", "on", "unknown_load"), ("load.codec", "maybe", "value")],
)
def test_an_order_that_makes_no_sense_is_refused_here(target: str, value: str, code: str) -> None:
    talk = client()
    talk.opened(0)
    talk.ask(order(1, target, value), 0)
    assert results(talk.take()[1]) == [(1, Stage.REFUSED, code)]


def test_closed_refuses_ends_what_waits_and_goes_on_saying_so() -> None:
    talk = client()
    talk.tick(0)
    assert readings(talk.take()[1], "keeper") == [{"up": False, "since_ms": None, "fault": "closed"}]
    talk.ask(order(1, "load.codec", "on"), 0)
    assert results(talk.take()[1]) == [(1, Stage.REFUSED, "closed")]
    talk.opened(1)
    talk.ask(order(2, "load.codec", "on"), 1)
    talk.take()
    talk.closed(2)
    reports = talk.take()[1]
    assert results(reports) == [(2, Stage.FAILED, "closed")]
    assert talk.wake_ms == 10_002
    talk.tick(10_002)
    assert readings(talk.take()[1], "keeper") == [{"up": False, "since_ms": None, "fault": "closed"}]


def test_a_silent_keeper_is_down_and_asked_again() -> None:
    talk = client()
    talk.opened(0)
    talk.take()
    talk.ask(order(1, "load.codec", "on", within_ms=1_000), 0)
    talk.take()
    talk.tick(1_000)
    assert results(talk.take()[1]) == [(1, Stage.FAILED, "timeout")]
    talk.tick(5_000)
    assert readings(talk.take()[1], "keeper") == [{"up": False, "since_ms": None, "fault": "silent"}]
    talk.tick(10_000)
    assert talk.take()[0] == b'{"v":1,"do":"levels"}\n'
    talk.feed(b'{"v":1,"say":"ack","id":"boot:1","stage":"done","code":""}\n', 10_001)
    assert (results(talk.take()[1]), talk.dropped) == ([], 0), "late, but no rubbish"


def test_pace_sets_how_often_levels_are_asked() -> None:
    talk = client()
    talk.pace(2_000)
    talk.opened(0)
    talk.feed(LEVELS, 0)
    assert talk.wake_ms == 2_000
    talk.pace(0)
    talk.tick(2_000)
    talk.feed(LEVELS, 2_000)
    assert talk.wake_ms == 12_000


def test_a_lease_is_renewed_a_few_times_within_it_however_often_the_loop_lives() -> None:
    talk = client()
    talk.opened(0)
    talk.take()
    for now in range(0, 30_000, 100):
        talk.renew(now)
    assert talk.take()[0].count(b"renew") == 3


def test_levels_that_are_soon_due_are_asked_with_the_renewal() -> None:
    talk = client()
    talk.opened(0)
    talk.take()
    talk.renew(10_000 - 4_000)
    assert talk.take()[0].count(b"levels") == 1


def test_a_replaced_client_says_so() -> None:
    talk = client()
    talk.opened(0)
    talk.feed(b'{"v":1,"say":"taken"}\n', 1)
    assert readings(talk.take()[1], "keeper") == [{"up": False, "since_ms": None, "fault": "taken"}]


def test_reports_that_nobody_takes_are_bounded() -> None:
    talk = client()
    talk.opened(0)
    for n in range(REPORTS_MAX):
        talk.feed(LEVELS, n)
    reports = talk.take()[1]
    assert (len(reports), reports[-1].at_ms if isinstance(reports[-1], Reading) else 0) == (
        REPORTS_MAX,
        REPORTS_MAX - 1,
    )


@pytest.mark.parametrize(
    "text",
    [
        b"hello",
        b'{"say":"levels"}',
        b'{"v":1,"say":"bad","code":"args","count":1}',
        b'{"v":1,"say":"levels","loads":[],"since_ms":1,"fault":""}',
        b'{"v":1,"say":"levels","loads":{},"since_ms":true,"fault":""}',
        b'{"v":1,"say":"levels","loads":{},"since_ms":1,"fault":null}',
        b'{"v":1,"say":"ack","id":"boot:1","stage":"dancing","code":""}',
        b'{"v":1,"say":"ack","id":"boot:1","stage":["done"],"code":""}',
        b'{"v":1,"say":"ack","id":"boot:1","stage":"done","code":4}',
    ],
)
def test_rubbish_is_counted_and_says_nothing(text: bytes) -> None:
    talk = client()
    talk.opened(0)
    talk.feed(text + b"\n", 1)
    assert (talk.dropped, talk.take()[1]) == (1, ())


def test_levels_of_unknown_words_are_unknown_levels() -> None:
    talk = client()
    talk.opened(0)
    talk.feed(b'{"v":1,"say":"levels","loads":{"codec":["on"],"network":1},"since_ms":1,"fault":""}\n', 1)
    assert readings(talk.take()[1], "relay") == [{"codec": None, "network": None}]


WIRE = st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([LEVELS, b'{"v":1}\n'])), max_size=20).map(
    b"".join
)


@given(WIRE, st.lists(st.integers(1, 30), max_size=60))
def test_any_bytes_in_any_cuts_never_raise_and_say_the_same(data: bytes, cuts: list[int]) -> None:
    whole, cut = client(), client()
    for talk in (whole, cut):
        talk.opened(0)
    whole.feed(data, 1)
    at = 0
    for size in cuts:
        cut.feed(data[at : at + size], 1)
        at += size
    cut.feed(data[at:], 1)
    assert (whole.take(), whole.dropped) == (cut.take(), cut.dropped)


# With the keeper


def test_an_order_is_done_and_its_level_is_read() -> None:
    both = Both()
    both.upto(20_000)
    reports = both.ask(order(1, "load.codec", "on"))
    assert results(reports) == [(1, Stage.DONE, "")]
    assert readings(reports, "relay") == [{"codec": "on", "network": "on"}]
    assert both.keeper.contact("codec")


def test_orders_need_a_lease() -> None:
    both = Both()
    both.upto(200_000, renewing=False)
    assert results(both.ask(order(1, "load.codec", "on"))) == [(1, Stage.REFUSED, "no_lease")]


def test_of_two_orders_the_later_wins() -> None:
    both = Both()
    both.upto(20_000)
    reports = both.ask(order(1, "load.codec", "on"), order(2, "load.codec", "off"))
    assert results(reports) == [(1, Stage.SUPERSEDED, ""), (2, Stage.DONE, "")]


def test_a_power_cycle_by_its_own_target_is_the_same_order() -> None:
    both = Both()
    both.upto(30_000)
    said = both.ask(order(1, "load.network.cycle", "cycle", within_ms=60_000))
    assert results(said) == [(1, Stage.ACCEPTED, "")]
    assert results(both.upto(60_000)) == [(1, Stage.DONE, "")]


def test_a_power_cycle_of_the_network_is_one_order() -> None:
    both = Both()
    both.upto(20_000)
    assert results(both.ask(order(1, "load.network", "cycle", within_ms=30_000))) == [(1, Stage.ACCEPTED, "")]
    assert not both.keeper.contact("network")
    assert results(both.upto(40_000)) == [(1, Stage.DONE, "")]
    assert both.keeper.contact("network")


def test_a_hung_loop_loses_the_lease_though_the_conversation_goes_on() -> None:
    both = Both()
    both.client.renew(0)
    both.client.lamps({"ready": "steady"}, 0)
    both.exchange()
    assert both.keeper.lit("ready")
    reports = both.upto(30_000, renewing=False)
    assert readings(reports, "keeper")[-1]["up"] is True
    assert not both.keeper.lit("ready")


def test_a_restarted_keeper_gets_lease_and_lamps_back_and_shows_another_start() -> None:
    both = Both()
    both.client.lamps({"ready": "steady"}, 0)
    both.upto(20_000)
    both.ask(order(1, "load.codec", "on"))
    both.client.closed(both.now)
    both.keeper.restart(both.now + 5)
    both.now += 5
    assert not both.keeper.lit("ready")
    both.open()
    assert both.keeper.lit("ready")
    assert both.keeper.contact("codec")
    assert readings(both.upto(both.now + 1), "keeper")[-1]["since_ms"] == 20_006


def test_a_reset_pi_drives_its_boot_values() -> None:
    both = Both()
    both.upto(20_000)
    both.ask(order(1, "load.codec", "on"))
    both.keeper.reset(both.now)
    assert (both.keeper.contact("codec"), both.keeper.contact("network")) == (False, True)


def test_a_stuck_pin_fails_the_order_and_a_welded_contact_does_not() -> None:
    both = Both()
    both.upto(20_000)
    both.keeper.stick("codec", False)
    assert results(both.ask(order(1, "load.codec", "on"))) == [(1, Stage.FAILED, "read_back")]
    both.keeper.stick("codec", None)
    both.keeper.weld("network")
    assert results(both.ask(order(2, "load.network", "off"))) == [(2, Stage.DONE, "")]
    assert both.keeper.contact("network")
    both.keeper.weld("network", False)
    assert not both.keeper.contact("network")


def test_a_deaf_keeper_is_silent() -> None:
    both = Both()
    both.upto(1)
    both.keeper.deaf = True
    assert readings(both.upto(20_000), "keeper") == [{"up": False, "since_ms": None, "fault": "silent"}]
    both.keeper.closed(both.now)


def test_the_keeper_understands_every_word_of_the_client() -> None:
    both = Both()
    both.client.lamps({"ready": "double"}, 0)
    both.upto(60_000)
    both.ask(order(1, "load.codec", "on"), order(2, "load.network", "cycle", 30_000))
    both.keeper.feed(b"x\n", both.now)
    assert json.loads(both.keeper.take()[0])["count"] == 1, "nothing before was rubbish"
