"""What no simulated camera says, typed by hand: replies in odd places, at odd times. Real bytes, given times."""

import pytest

from hardware.contract import Order, OrderId, Reading, Report, Result, Stage, Value
from hardware.protocols.visca import ViscaChain

VERSION = "90 50 00 01 05 13 01 00 02 FF"
STANDING = {
    "81 09 04 00 FF": "90 50 02 FF",
    "81 09 06 10 FF": "90 50 28 00 FF",
    "81 09 06 12 FF": "90 50 00 00 00 00 00 00 00 00 FF",
    "81 09 04 47 FF": "90 50 00 00 00 00 FF",
    "81 09 00 02 FF": VERSION,
    "81 09 06 11 FF": "90 50 18 17 FF",
    "81 01 00 01 FF": "90 50 FF",
    "88 30 01 FF": "88 30 02 FF",
    "88 01 00 01 FF": "88 01 00 01 FF",
}


class Hand:
    """A camera whose answers are a dictionary; what is not in it is left unanswered for the test to answer."""

    def __init__(self) -> None:
        self.chain = ViscaChain(["main"])
        self.now_ms = 0
        self.answers = dict(STANDING)
        self.open: list[str] = []
        self.reports: list[Report] = []
        self.chain.opened(0)
        self.run(1_000)

    def run(self, for_ms: int) -> None:
        end_ms = self.now_ms + for_ms
        while self.now_ms < end_ms:
            self.now_ms += 1
            self.chain.tick(self.now_ms)
            self._hear()

    def _hear(self) -> None:
        data, reports = self.chain.take()
        self.reports += reports
        for part in data.split(b"\xff")[:-1]:
            packet = (part + b"\xff").hex(" ").upper()
            if packet in self.answers:
                self.say(self.answers[packet])
            else:
                self.open.append(packet)

    def say(self, text: str) -> None:
        self.chain.feed(bytes.fromhex(text), self.now_ms)
        self._hear()

    def order(self, verb: str, value: Value, within_ms: int = 20_000) -> None:
        self.open.clear()
        self.chain.ask(Order(OrderId("t", 1), f"camera.main.{verb}", value, within_ms), self.now_ms)
        self._hear()
        self.run(100)

    def results(self) -> list[tuple[Stage, str]]:
        return [(r.stage, r.code) for r in self.reports if isinstance(r, Result)]

    def last(self, field: str) -> Value:
        told = [dict(r.values) for r in self.reports if isinstance(r, Reading)]
        return next((values[field] for values in reversed(told) if field in values), None)


RECALL = "81 01 04 3F 02 03 FF"


def test_a_command_taken_and_then_not_executable_is_tried_again() -> None:
    hand = Hand()
    hand.answers["81 09 04 3F FF"] = "90 50 03 FF"
    hand.order("preset", 3)
    assert hand.open[-1] == RECALL
    hand.say("90 41 FF 90 61 41 FF")
    hand.run(600)
    assert hand.open == [RECALL, RECALL]
    hand.say("90 42 FF 90 52 FF")
    hand.run(800)
    assert hand.results() == [(Stage.ACCEPTED, ""), (Stage.DONE, "")]


def test_taken_and_then_not_executable_until_the_order_is_over() -> None:
    hand = Hand()
    hand.order("preset", 3, 600)
    hand.say("90 41 FF 90 61 41 FF")
    hand.run(700)
    assert hand.results() == [(Stage.ACCEPTED, ""), (Stage.FAILED, "not_executable")]


def test_an_error_belongs_to_the_command_of_its_socket() -> None:
    """61 41 while another packet waits: it ends what runs in socket 1, not the packet."""
    hand = Hand()
    hand.order("preset", 3)
    hand.say("90 41 FF")
    del hand.answers["81 09 04 00 FF"]
    hand.chain.ask(Order(OrderId("t", 2), "camera.main.power", "standby", 5_000), hand.now_ms)
    hand.run(10)
    assert "81 21 FF" in hand.open
    hand.say("90 61 05 FF")
    hand.run(50)
    hand.say("90 50 02 FF")
    assert hand.open[-1] == "81 01 04 00 03 FF"
    hand.say("90 61 04 FF")
    assert (Stage.REFUSED, "cancelled") not in hand.results()
    hand.say("90 42 FF 90 52 FF")
    hand.say("90 50 03 FF")
    assert hand.results()[-1] == (Stage.DONE, "")


def test_an_internal_fault_ends_a_power_order() -> None:
    hand = Hand()
    hand.answers["81 09 04 00 FF"] = "90 50 04 FF"
    hand.answers["81 01 04 00 03 FF"] = "90 41 FF 90 51 FF"
    hand.order("power", "standby")
    assert hand.results()[-1] == (Stage.FAILED, "fault")
    hand.run(11_000)
    assert hand.last("power") == "fault"


def test_a_head_that_moves_for_ever_ends_at_the_time_its_way_allows() -> None:
    hand = Hand()
    hand.answers["81 09 06 10 FF"] = "90 50 24 00 FF"
    hand.answers["81 01 06 02 18 17 00 00 00 09 00 00 00 00 FF"] = "90 41 FF"
    hand.order("position", (9, 0, 0), 60_000)
    hand.run(10_000)
    assert hand.results() == [(Stage.ACCEPTED, ""), (Stage.FAILED, "timeout")]
    assert hand.last("moving") is True


def test_no_answer_of_the_wrong_form_is_taken() -> None:
    hand = Hand()
    hand.answers["81 09 06 12 FF"] = "90 50 02 FF 90 50 10 20 30 40 50 60 70 80 FF"
    hand.run(12_000)
    assert hand.last("pan") is None
    assert hand.last("answers") is True
    assert hand.chain.garbage >= 2


def test_the_seven_f_of_a_brc_proves_nothing() -> None:
    hand = Hand()
    hand.answers[RECALL] = "90 41 FF 90 51 FF"
    hand.answers["81 09 04 3F FF"] = "90 50 7F FF"
    hand.order("preset", 3)
    hand.run(1_000)
    assert hand.results()[-1] == (Stage.DONE, "")


def test_an_unknown_error_is_named_by_its_number() -> None:
    hand = Hand()
    hand.answers[RECALL] = "90 60 0C FF"
    hand.order("preset", 3)
    assert hand.results() == [(Stage.FAILED, "error_0c")]


def test_a_cancel_without_an_answer_holds_nobody_up_for_long() -> None:
    hand = Hand()
    hand.order("preset", 3)
    hand.say("90 41 FF")
    hand.run(100)
    hand.order("preset", 4)
    hand.run(1_500)
    assert [packet for packet in hand.open if packet == "81 21 FF"] == ["81 21 FF"] * 3
    assert "81 01 04 3F 02 04 FF" in hand.open


@pytest.mark.parametrize(
    "stray", ["90 41 FF", "90 51 FF", "90 50 02 FF", "90 62 41 FF", "88 30 02 FF", "A0 50 02 FF"]
)
def test_what_nobody_waits_for_is_counted_and_dropped(stray: str) -> None:
    hand = Hand()
    before = hand.chain.garbage
    hand.say(stray)
    assert hand.chain.garbage == before + 1
    hand.run(12_000)
    assert hand.last("power") == "on"


def test_a_full_buffer_is_waited_for() -> None:
    hand = Hand()
    hand.answers[RECALL] = "90 60 03 FF"
    hand.order("preset", 3)
    hand.run(2_000)
    hand.answers[RECALL] = "90 41 FF 90 51 FF"
    hand.answers["81 09 04 3F FF"] = "90 50 03 FF"
    hand.run(2_000)
    assert hand.results()[-1] == (Stage.DONE, "")


def test_a_setting_without_an_answer_stays_owed() -> None:
    hand = Hand()
    hand.chain = ViscaChain(["main"], hide_info=True)
    hand.chain.opened(hand.now_ms)
    hand.run(15_000)
    assert hand.open.count("81 01 7E 01 18 03 FF") == 2
    hand.answers["81 01 7E 01 18 03 FF"] = "90 41 FF 90 51 FF"
    hand.run(12_000)
    del hand.answers["81 01 7E 01 18 03 FF"]
    hand.run(30_000)
    assert hand.open.count("81 01 7E 01 18 03 FF") == 2


def test_an_operator_who_opens_twice_starts_once_more() -> None:
    hand = Hand()
    hand.chain.opened(hand.now_ms)
    hand.run(500)
    assert hand.last("identity") == "0001:0513:0100"
