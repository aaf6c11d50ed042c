"""The NUT conversation alone: golden bytes both ways, silence, refusals, and any bytes in any cuts."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import Order, OrderId, Reading, Result, Stage
from hardware.protocols.nut import ANSWER_MS, BATTERY_POLL_MS, GRACE_MS, POLL_MS, Nut
from hardware.protocols.nut_lines import words
from hardware.protocols.nut_orders import TEST_MS

GOOD = (
    b"BEGIN LIST VAR room\n"
    b'VAR room ups.mfr "APC"\n'
    b'VAR room ups.status "OL"\n'
    b'VAR room battery.charge "100"\n'
    b"END LIST VAR room\n"
)
QUICK = b"INSTCMD room test.battery.start.quick\n"


def listing(status: str) -> bytes:
    return GOOD.replace(b'"OL"', b'"' + status.encode() + b'"')


def order(n: int, value: str = "quick", target: str = "ups.test", within_ms: int = 20_000) -> Order:
    return Order(OrderId("b", n), target, value, within_ms)


def opened(user: str | None = None, password: str | None = None) -> Nut:
    nut = Nut("room", user, password)
    nut.tick(0)
    nut.opened(0)
    assert nut.take() == (b"LIST VAR room\n", ())
    return nut


def listed(nut: Nut, status: str, now_ms: int) -> dict[str, object]:
    nut.feed(listing(status), now_ms)
    (reading,) = (report for report in nut.take()[1] if isinstance(report, Reading))
    assert (reading.source, reading.at_ms) == ("ups", now_ms)
    return dict(reading.values)


def results(nut: Nut) -> list[tuple[int, Stage, str]]:
    found = [report for report in nut.take()[1] if isinstance(report, Result)]
    return [(result.order.n, result.stage, result.code) for result in found]


def only(nut: Nut) -> dict[str, object]:
    (reading,) = nut.take()[1]
    assert isinstance(reading, Reading)
    return dict(reading.values)


def test_a_poll_and_the_next_one() -> None:
    nut = opened()
    values = listed(nut, "OL", 30)
    assert (values["link"], values["source"], values["charge_pct"]) == ("ok", "mains", 100.0)
    assert nut.wake_ms == POLL_MS
    nut.tick(POLL_MS - 1)
    assert nut.take() == (b"", ())
    nut.tick(POLL_MS)
    assert nut.take() == (b"LIST VAR room\n", ())


def test_a_closed_port_is_said_after_a_grace_and_every_period() -> None:
    nut = Nut("room")
    assert nut.wake_ms == 0
    nut.tick(100)
    assert nut.take() == (b"", ())
    assert nut.wake_ms == 100 + GRACE_MS
    nut.tick(nut.wake_ms)
    assert (nut.wake_ms, only(nut)["link"]) == (100 + GRACE_MS + POLL_MS, "down")
    nut.tick(nut.wake_ms)
    assert only(nut)["source"] is None
    nut.feed(GOOD, 99_000)
    assert nut.take() == (b"", ())


def test_a_port_that_opens_before_the_first_tick() -> None:
    nut = Nut("room")
    nut.opened(5)
    assert nut.take() == (b"LIST VAR room\n", ())
    nut.tick(6)
    assert nut.wake_ms == 5 + ANSWER_MS


def test_closing_says_down_and_fails_what_was_asked() -> None:
    nut = opened()
    listed(nut, "OB", 10)
    nut.ask(order(1), 20)
    nut.ask(order(2, "return", "ups.shutdown"), 20)
    nut.take()
    nut.closed(50)
    out, reports = nut.take()
    assert out == b""
    assert {r.order.n: (r.stage, r.code) for r in reports if isinstance(r, Result)} == {
        1: (Stage.FAILED, "closed"),
        2: (Stage.FAILED, "closed"),
    }
    readings = [dict(r.values) for r in reports if isinstance(r, Reading)]
    assert [(r["link"], r["source"], r["low"]) for r in readings] == [("down", None, None)]
    nut.ask(order(3), 60)
    assert results(nut) == [(3, Stage.REFUSED, "closed")]


def test_on_battery_it_asks_every_two_seconds() -> None:
    nut = opened()
    assert listed(nut, "OB DISCHRG", 10)["source"] == "battery"
    assert nut.wake_ms == BATTERY_POLL_MS
    nut.tick(BATTERY_POLL_MS)
    nut.take()
    assert listed(nut, "OL", BATTERY_POLL_MS + 5)["source"] == "mains"
    assert nut.wake_ms == BATTERY_POLL_MS + POLL_MS


@pytest.mark.parametrize(("period_ms", "wake_ms"), [(0, POLL_MS), (4_000, 4_000), (5, 1_000), (60_000, 60_000)])
def test_pace(period_ms: int, wake_ms: int) -> None:
    nut = opened()
    nut.pace(period_ms)
    listed(nut, "OL", 10)
    assert nut.wake_ms == wake_ms


@pytest.mark.parametrize(
    ("code", "link"),
    [
        ("DATA-STALE", "stale"),
        ("DRIVER-NOT-CONNECTED", "driver"),
        ("UNKNOWN-UPS", "refused"),
        ("ACCESS-DENIED", "refused"),
        ("SOMETHING-NEW extra", "refused"),
    ],
)
def test_errors_are_never_an_outage(code: str, link: str) -> None:
    nut = opened()
    nut.feed(f"ERR {code}\n".encode(), 10)
    values = only(nut)
    assert (values["link"], values["source"], values["low"], values["charge_pct"]) == (link, None, None, None)
    assert nut.wake_ms == POLL_MS


def test_a_starting_daemon_is_unknown() -> None:
    nut = opened()
    assert listed(nut, "WAIT", 5) | {"link": ""} == {
        **dict.fromkeys(listed_names()),
        "link": "",
        "status": "WAIT",
    }
    nut.tick(POLL_MS)
    nut.take()
    nut.feed(b'BEGIN LIST VAR room\nVAR room driver.name "x"\nEND LIST VAR room\n', POLL_MS)
    assert only(nut)["link"] == "wait"


def listed_names() -> Iterator[str]:
    yield from listed(opened(), "OL", 1)


def test_silence_is_down_after_two_polls_and_the_next_list_is_up() -> None:
    nut = opened()
    nut.tick(ANSWER_MS)
    assert nut.take() == (b"", ())
    nut.tick(POLL_MS)
    assert nut.take()[0] == b"LIST VAR room\n"
    nut.tick(POLL_MS + ANSWER_MS)
    assert only(nut)["link"] == "down"
    assert listed(nut, "OL", POLL_MS + ANSWER_MS + 1)["link"] == "ok"


def test_lists_of_others_and_half_lists_are_nothing() -> None:
    nut = opened()
    nut.feed(GOOD.replace(b"room", b"rack"), 1)
    nut.feed(b'VAR room ups.status "OB"\nEND LIST VAR room\nOK\n\n', 2)
    assert nut.take() == (b"", ())
    assert nut.garbage == 9
    nut.feed(b'BEGIN LIST VAR room\nVAR room ups.status "OB"\n', 3)
    assert listed(nut, "OL", 4)["source"] == "mains"


def test_a_list_of_ten_thousand_variables_is_bounded() -> None:
    nut = opened()
    nut.feed(b"BEGIN LIST VAR room\n" + b"".join(b'VAR room x%d "1"\n' % n for n in range(10_000)), 1)
    assert nut._list is not None
    assert len(nut._list) == 512


def test_a_test_without_credentials() -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    assert nut.take()[0] == QUICK
    nut.feed(b"OK\n", 20)
    out, reports = nut.take()
    assert out == b"LIST VAR room\n"
    assert reports == (Result(OrderId("b", 1), Stage.DONE, "", 20),)


def test_credentials_come_with_the_first_command_only() -> None:
    nut = opened("diemcau", 'p"w')
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    assert nut.take()[0] == b"USERNAME diemcau\n"
    nut.feed(b"OK\n", 11)
    assert nut.take()[0] == b'PASSWORD "p\\"w"\n'
    nut.feed(b"OK\n", 12)
    assert nut.take()[0] == QUICK
    nut.feed(b"OK\n", 13)
    nut.take()
    listed(nut, "OB", 14)
    nut.ask(order(2, "stop"), 15)
    assert nut.take()[0] == b"INSTCMD room test.battery.stop\n"
    nut.feed(b"OK\n", 16)
    assert results(nut) == [(2, Stage.DONE, "")]
    nut.closed(20)
    nut.opened(30)
    nut.take()
    listed(nut, "OL", 31)
    nut.ask(order(3), 40)
    assert nut.take()[0] == b"USERNAME diemcau\n"


def test_a_wrong_password_is_refused_once_and_not_tried_again() -> None:
    nut = opened("u", "wrong")
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    for answer in (b"OK\n", b"OK\n", b"ERR ACCESS-DENIED\n"):
        nut.feed(answer, 11)
    out, reports = nut.take()
    assert out.endswith(QUICK)
    assert out.count(b"PASSWORD") == 1
    assert reports == (Result(OrderId("b", 1), Stage.REFUSED, "access_denied", 11),)
    for now_ms in range(POLL_MS, 10 * POLL_MS, POLL_MS):
        nut.tick(now_ms)
        assert nut.take() == (b"LIST VAR room\n", ())
        listed(nut, "OL", now_ms)


def test_a_login_refused_at_the_door() -> None:
    nut = opened("u", "p")
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    nut.feed(b"ERR INVALID-USERNAME\n", 11)
    assert results(nut) == [(1, Stage.REFUSED, "invalid_username")]


def test_a_login_that_upsd_remembers_goes_on() -> None:
    nut = opened("u", "p")
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    nut.feed(b"ERR ALREADY-SET-USERNAME\n", 11)
    nut.feed(b"ERR ALREADY-SET-PASSWORD\n", 12)
    assert nut.take()[0].endswith(QUICK)


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("CMD-NOT-SUPPORTED", Stage.REFUSED),
        ("USERNAME-REQUIRED", Stage.REFUSED),
        ("INSTCMD-FAILED", Stage.FAILED),
        ("DATA-STALE", Stage.FAILED),
        ("DRIVER-NOT-CONNECTED", Stage.FAILED),
    ],
)
def test_codes_of_commands(code: str, stage: Stage) -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1, "return", "ups.shutdown"), 10)
    assert nut.take()[0] == b"INSTCMD room shutdown.return\n"
    nut.feed(f"ERR {code}\n".encode(), 11)
    assert results(nut) == [(1, stage, code.lower().replace("-", "_"))]
    nut.ask(order(2, "stop", "ups.shutdown"), 12)
    assert nut.take()[0] == b"INSTCMD room shutdown.stop\n"


@pytest.mark.parametrize(("target", "value"), [("ups.test", "deep"), ("load.codec", "on"), ("ups.shutdown", "now")])
def test_what_it_cannot_do_is_refused(target: str, value: str) -> None:
    nut = opened()
    nut.ask(order(1, value, target), 1)
    assert results(nut) == [(1, Stage.REFUSED, "unsupported")]


def test_of_two_orders_that_wait_the_later_wins() -> None:
    nut = opened()
    nut.ask(order(1), 1)
    nut.ask(order(2, "stop"), 2)
    assert results(nut) == [(1, Stage.SUPERSEDED, "")]
    nut.feed(GOOD, 3)
    assert nut.take()[0] == b"INSTCMD room test.battery.stop\n"


def test_an_order_that_waits_too_long_fails() -> None:
    nut = opened()
    nut.ask(order(1, within_ms=100), 1)
    assert nut.wake_ms == 101
    nut.tick(101)
    assert results(nut) == [(1, Stage.FAILED, "timeout")]
    nut.feed(GOOD, 102)
    assert nut.take()[0] == b""


def test_a_late_ok_is_heard_and_answers_nothing() -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1, within_ms=100), 10)
    nut.tick(110)
    assert results(nut) == [(1, Stage.FAILED, "timeout")]
    nut.feed(b"OK\n", 120)
    assert nut.take() == (b"LIST VAR room\n", ())


def test_a_late_refusal_closes_the_test_window_too() -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1, within_ms=100), 10)
    nut.tick(110)
    nut.feed(b"ERR CMD-NOT-SUPPORTED\n", 120)
    nut.take()
    nut.tick(POLL_MS)
    assert listed(nut, "OB", POLL_MS)["testing"] is False


def test_a_command_without_answer_is_not_sent_twice_and_the_list_puts_the_order_right() -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    nut.take()
    nut.ask(order(2, "return", "ups.shutdown"), 20)
    nut.tick(10 + ANSWER_MS)
    out, reports = nut.take()
    assert out == b"LIST VAR room\n"
    assert reports == (Result(OrderId("b", 1), Stage.FAILED, "timeout", 10 + ANSWER_MS),)
    # The lost answer arrives after all: it must not be taken for the list's, nor for the next command's.
    nut.feed(b"ERR CMD-NOT-SUPPORTED\nOK\n", 20 + ANSWER_MS)
    assert nut.take() == (b"", ())
    nut.feed(GOOD, 30 + ANSWER_MS)
    assert nut.take()[0] == b"INSTCMD room shutdown.return\n"
    nut.feed(b"OK\n", 40 + ANSWER_MS)
    assert results(nut) == [(2, Stage.DONE, "")]


def test_a_self_test_of_ours_is_not_an_outage() -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    nut.feed(b"OK\n", 20)
    nut.take()
    values = listed(nut, "OB DISCHRG", 3_000)
    assert (values["testing"], values["source"]) == (True, "battery")
    nut.tick(nut.wake_ms)
    nut.take()
    assert listed(nut, "OL", 12_000)["testing"] is False
    nut.tick(nut.wake_ms)
    nut.take()
    # A real outage right behind the test is an outage.
    assert listed(nut, "OB", 14_000)["testing"] is False


def test_the_window_ends() -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    nut.feed(b"OK\n", 20)
    nut.take()
    assert listed(nut, "OB", 9 + TEST_MS)["testing"] is True
    nut.tick(nut.wake_ms)
    nut.take()
    assert listed(nut, "OB", 10 + TEST_MS)["testing"] is False
    assert listed(nut, "OB CAL", 11 + TEST_MS)["testing"] is True


def test_a_stopped_test_shows_battery_for_a_moment_only() -> None:
    nut = opened()
    listed(nut, "OL", 5)
    nut.ask(order(1), 10)
    nut.feed(b"OK\n" + listing("OB"), 20)
    nut.ask(order(2, "stop"), 1_000)
    nut.feed(b"OK\n", 1_010)
    nut.take()
    assert listed(nut, "OB", 9_000)["testing"] is True
    nut.tick(nut.wake_ms)
    assert listed(nut, "OB", 11_001)["testing"] is False


def test_an_outage_without_a_test_is_no_test() -> None:
    assert listed(opened(), "OB", 5)["testing"] is False


NOISE = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([
            GOOD, listing("OB LB"), b"OK\n", b"ERR DATA-STALE\n", b"ERR ACCESS-DENIED\n", b"BEGIN LIST VAR room\n",
            b'VAR room ups.status "OB\n', b"END LIST VAR room\n", b"\n", b'"\n', b"\\\n",
        ]),
    ),
    max_size=12,
)  # fmt: skip


@given(NOISE, st.lists(st.integers(0, 400), max_size=6))
def test_any_bytes_in_any_cuts(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole, cut = opened("u", "p"), opened("u", "p")
    for nut in (whole, cut):
        nut.ask(order(1), 1)
    whole.feed(data, 7)
    for a, b in itertools.pairwise(edges):
        cut.feed(data[a:b], 7)
    assert whole.take() == cut.take()
    assert (whole.garbage, whole.wake_ms) == (cut.garbage, cut.wake_ms)


@given(
    st.lists(st.tuples(st.integers(1, 20_000), NOISE, st.sampled_from(["", "open", "close", "ask"])), max_size=12)
)
def test_it_always_sleeps_and_every_order_gets_one_end(
    steps: list[tuple[int, list[bytes], str]],
) -> None:
    nut, now_ms, asked, ended = Nut("room", "u", "p"), 0, 0, []
    nut.tick(0)
    for wait_ms, parts, act in [*steps, (30_000, [], "close")]:
        now_ms += wait_ms
        if act == "open" and not nut._open:
            nut.opened(now_ms)
        elif act == "close" and nut._open:
            nut.closed(now_ms)
        elif act == "ask":
            asked += 1
            nut.ask(order(asked), now_ms)
        nut.feed(b"".join(parts), now_ms)
        nut.tick(now_ms)
        assert nut.wake_ms > now_ms
        ended += [n for n, _, _ in results(nut)]
    assert sorted(ended) == list(range(1, asked + 1))


ONE_LIST = b'BEGIN LIST VAR room\nVAR room ups.status "OL"\nVAR room battery.charge "87"\nEND LIST VAR room\n'
PIECES = (
    ONE_LIST,
    ONE_LIST.replace(b"87", b"55"),
    ONE_LIST.replace(b'"OL"', b'"OB DISCHRG"'),
    ONE_LIST.replace(b"VAR room battery", b"noise\nVAR room battery"),
    ONE_LIST + b"ERR DATA-STALE\n",
    ONE_LIST[:70],
    ONE_LIST[70:],
    b"ERR DATA-STALE\n",
    b"",
)


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.integers(0, 120)), max_size=14))
def test_a_list_that_came_before_says_the_same_again(pieces: list[tuple[bytes, int]]) -> None:
    """One hears whole pieces, one hears them in two parts: both may know them again. The third hears them byte by
    byte and is kept from remembering any."""
    whole, halves, reads = opened(), opened(), opened()
    for n, (piece, at) in enumerate(pieces):
        now_ms = (n + 1) * POLL_MS
        for nut in (whole, halves, reads):
            nut.tick(now_ms)
        whole.feed(piece, now_ms)
        for half in (piece[:at], piece[at:]):
            halves.feed(half, now_ms)
        for byte in piece:
            reads._same = b""
            reads.feed(bytes((byte,)), now_ms)
        assert whole.take() == halves.take() == (said := reads.take()), said
        for nut in (whole, halves):
            assert (nut.garbage, nut.wake_ms) == (reads.garbage, reads.wake_ms)


@pytest.mark.parametrize("at", [0, 1, 30, len(ONE_LIST) - 1])
def test_what_was_said_before_is_not_read_again_however_it_is_cut(at: int) -> None:
    """upsd sends a list in as many pieces as it likes: at rest none of them is taken apart."""
    nut = opened()
    for n in range(1, 4):
        before = words.cache_info()
        for half in (ONE_LIST[:at], ONE_LIST[at:]):
            nut.feed(half, (n - 1) * POLL_MS + 50)
        assert only(nut)["charge_pct"] == 87.0
        assert (words.cache_info() == before) is (n > 1)
        nut.tick(n * POLL_MS)
        assert nut.take() == (b"LIST VAR room\n", ())


def test_half_a_list_that_is_never_ended_is_silence_and_its_end_belongs_to_it() -> None:
    nut = opened()
    nut.feed(ONE_LIST, 1_000)
    only(nut)
    nut.tick(POLL_MS)
    nut.feed(ONE_LIST[:70], POLL_MS)
    nut.tick(POLL_MS + ANSWER_MS)
    nut.feed(ONE_LIST[70:], POLL_MS + ANSWER_MS + 1)
    assert only(nut)["charge_pct"] == 87.0
    assert nut.garbage == 0
