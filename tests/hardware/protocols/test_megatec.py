"""The Megatec conversation: golden bytes, three readings, silence, noise, echo, hanging units, every order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import Order, OrderId, Reading, Stage
from hardware.protocols.megatec import BATTERY_POLL_MS, GRACE_MS, POLL_MS, Megatec
from hardware.sim.megatec import MegatecModel, MegatecUps
from hardware.sim.ups import SimUps, UpsSpec
from tests.hardware.protocols.duplex import Duplex

MAINS = b"(226.0 195.0 226.0 014 49.0 27.5 30.0 00001000\r"
OUTAGE = b"(000.0 229.0 230.1 023 49.9 25.1 31.5 10001000\r"


class Line(Duplex):
    """Our conversation with a simulated UPS."""

    def __init__(self, ours: Megatec | None = None, model: MegatecModel | None = None, seed: int = 1) -> None:
        self.unit = MegatecUps(SimUps(UpsSpec(capacity_wh=100.0)), model, seed)
        self.megatec = ours or Megatec()
        super().__init__(self.megatec, self.unit, "ups")

    def ready(self) -> "Line":
        self.open(10_000)
        return self


def asked(line: Line) -> list[str]:
    return line.unit.asked


def test_the_first_seconds() -> None:
    line = Line().ready()
    assert asked(line)[:5] == ["Q1", "Q1", "Q1", "F", "I"]
    assert line.said("link") == ["wait", "ok"]
    last = line.last()
    assert (last["source"], last["charge_pct"], last["estimated"], last["runtime_s"]) == ("mains", None, None, None)
    line.run(10_000)
    last = line.last()
    assert (last["charge_pct"], last["estimated"], last["model"]) == (100.0, True, "SANTAK MT1000")
    assert (last["replace"], last["test_result"]) == (None, None)


def test_the_bytes() -> None:
    talk = Megatec(identify=False, nominal_v=24.0)
    talk.opened(0)
    assert talk.take() == (b"Q1\r", ())
    now_ms = 0
    for n in range(3):
        talk.feed(MAINS, now_ms + 210)
        (reading,) = talk.take()[1]
        assert isinstance(reading, Reading)
        assert dict(reading.values)["link"] == ("ok" if n == 2 else "wait")
        if n < 2:
            assert talk.wake_ms == now_ms + 510
            talk.tick(now_ms := talk.wake_ms)
            assert talk.take() == (b"Q1\r", ())
    assert talk.wake_ms == now_ms + POLL_MS


def test_one_reading_that_says_battery_is_not_believed_three_are() -> None:
    talk = Megatec(identify=False, nominal_v=24.0)
    talk.opened(0)
    now_ms, sources = 0, []
    for answer in (MAINS, MAINS, MAINS, OUTAGE, MAINS, MAINS, OUTAGE, OUTAGE, OUTAGE):
        talk.feed(answer, now_ms + 210)
        sources += [dict(r.values)["source"] for r in talk.take()[1] if isinstance(r, Reading)]
        talk.tick(now_ms := talk.wake_ms)
        assert talk.take()[0] == b"Q1\r"
    assert sources == [None, None, *["mains"] * 6, "battery"]
    talk.feed(OUTAGE, now_ms + 210)
    assert talk.wake_ms == now_ms + BATTERY_POLL_MS


def test_a_closed_port_is_said_after_a_grace_and_every_period() -> None:
    talk = Megatec()
    assert talk.wake_ms == 0
    talk.tick(100)
    assert talk.take() == (b"", ())
    assert talk.wake_ms == 100 + GRACE_MS
    talk.tick(talk.wake_ms)
    (reading,) = talk.take()[1]
    assert isinstance(reading, Reading)
    assert (dict(reading.values)["link"], dict(reading.values)["source"]) == ("down", None)
    assert talk.wake_ms == 100 + GRACE_MS + POLL_MS
    talk.feed(MAINS, 99_000)
    assert talk.take() == (b"", ())


def test_silence_is_said_after_three_questions_and_every_period() -> None:
    line = Line()
    line.unit.faults.silent = True
    line.open(4_000)
    assert (len(line.sent), line.said("link")) == (3, ["stale"])
    line.run(60_000)
    assert set(line.said("link")) == {"stale"}
    assert len(line.readings()) == len(line.sent) - 2
    line.unit.faults.silent = False
    assert line.shows(15_000, link="ok", source="mains")


def test_another_speed_is_unknown() -> None:
    line = Line()
    line.unit.faults.wrong_speed = True
    line.open(60_000)
    assert line.said("link") == ["stale"]
    assert line.said("source") == [None]


def test_an_answer_to_another_question_is_no_ups() -> None:
    """Status comes back as it was asked: this unit does not know it, or the line is a loop."""
    line = Line(Megatec("mustek"))
    line.unit.faults.echo = True
    line.open(10_000)
    assert line.said("link") == ["refused"]
    assert line.finish("ups.test", "quick") == (Stage.REFUSED, "not_identified")
    assert set(asked(line)) == {"QS"}


def test_local_echo_does_not_disturb() -> None:
    line = Line()
    line.unit.faults.loopback = True
    line.ready().run(10_000)
    assert line.said("link") == ["wait", "ok"]
    assert line.last()["model"] == "SANTAK MT1000"


def test_answers_that_break_off_are_asked_again() -> None:
    line = Line().ready()
    line.reports.clear()
    line.unit.faults.cut = 2
    line.run(30_000)
    assert (line.said("link"), line.said("source")) == (["ok"], ["mains"])


def test_fields_that_it_cannot_measure() -> None:
    line = Line()
    line.unit.faults.dashes = True
    line.ready().run(10_000)
    last = line.last()
    assert (last["source"], last["temp_c"], last["charge_pct"]) == ("mains", None, 100.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_noisy_line_never_makes_an_outage(seed: int) -> None:
    line = Line(seed=seed)
    line.unit.faults.noise = 0.4
    line.open(6 * 3_600_000)
    told = [(r["source"], r["low"], r["testing"]) for r in line.readings() if r["link"] == "ok"]
    assert len(told) > 1_000
    assert set(told) == {("mains", False, False)}
    assert line.megatec.garbage > 100


def test_units_that_hang_on_a_question_are_asked_it_no_more() -> None:
    line = Line()
    line.unit.faults.hangs_on_extras = True
    line.open(60_000)
    assert (asked(line)[3:], line.last()["link"]) == (["F"], "stale")
    for _ in range(3):  # its power goes and comes; the port is opened anew
        line.unit.faults.silent = line.unit.faults.hangs_on_extras = False
        line.run(30_000)
    assert asked(line).count("F") <= 2
    assert line.last()["source"] == "mains"


def test_what_never_comes_is_asked_twice() -> None:
    line = Line()
    line.unit.faults.no_rating = line.unit.faults.no_identity = True
    line.ready()
    line.megatec.closed(line.now_ms)
    line.open(300_000)
    assert (asked(line).count("F"), asked(line).count("I")) == (2, 2)
    assert (line.last()["charge_pct"], line.last()["model"], line.last()["source"]) == (None, None, "mains")


def test_who_must_not_be_asked_is_not() -> None:
    line = Line(Megatec(identify=False, nominal_v=24.0)).ready()
    assert set(asked(line)) == {"Q1"}
    assert line.last()["charge_pct"] == 100.0


def test_a_unit_that_reckons_itself() -> None:
    line = Line(Megatec("voltronic-qs"), MegatecModel(reckons=True)).ready()
    line.run(20_000)
    last = line.last()
    assert (last["charge_pct"], last["estimated"]) == (100.0, False)
    assert last["runtime_s"] == int(line.unit.ups.runtime_s)


def test_an_on_line_unit_tells_the_volts_of_a_cell() -> None:
    line = Line(model=MegatecModel(nominal_v=72.0, per_cell=True)).ready()
    line.run(10_000)
    last = line.last()
    assert last["battery_v"] == pytest.approx(2.28, abs=0.01)
    assert last["charge_pct"] == pytest.approx(100.0, abs=2.0)


# -- orders


def test_nothing_that_switches_is_sent_to_a_stranger() -> None:
    line = Line()
    line.open(800)
    assert line.finish("ups.shutdown", "return") == (Stage.REFUSED, "not_identified")
    line.run(5_000)
    assert not [word for word in asked(line) if word.startswith(("S", "T"))]


def test_the_delays_are_the_rooms() -> None:
    line = Line(Megatec(cut_after_s=90, back_after_min=5)).ready()
    assert line.finish("ups.shutdown", "return") == (Stage.DONE, "")
    assert "S02R0005" in asked(line)


def test_a_unit_that_does_not_do_it() -> None:
    line = Line().ready()
    line.unit.faults.deaf_to_actions = True
    assert line.finish("ups.test", "quick") == (Stage.FAILED, "unconfirmed")
    assert asked(line).count("T") == 1


def test_a_unit_that_sends_it_back_or_says_no_or_yes() -> None:
    line = Line().ready()
    line.unit.faults.refuses = True
    assert line.finish("ups.test", "quick") == (Stage.REFUSED, "refused")
    line.unit.faults.refuses, line.unit.faults.acks = False, "(ACK"
    assert line.finish("ups.test", "quick") == (Stage.DONE, "")
    talk = Megatec(identify=False, nominal_v=24.0)
    talk.opened(0)
    for n in range(3):
        talk.feed(MAINS, n * 1_000 + 210)
        talk.tick((n + 1) * 1_000)
    talk.take()
    talk.feed(MAINS, 3_210)
    talk.ask(Order(OrderId("b", 1), "ups.test", "quick", 20_000), 3_220)
    talk.tick(3_600)
    assert talk.take()[0] == b"T\r"
    talk.feed(b"T\r", 3_650)
    (result,) = talk.take()[1]
    assert not isinstance(result, Reading)


def test_a_stuck_shutdown_bit_is_not_believed() -> None:
    line = Line()
    line.unit.faults.stuck_shutdown = True
    line.ready()
    assert (line.last()["low"], line.last()["status"]) == (False, "OL")
    assert line.finish("ups.shutdown", "return") == (Stage.FAILED, "unconfirmed")
    assert "S.5R0003" in asked(line)


@pytest.mark.parametrize(("value", "sent"), [("on", 0), ("off", 1)])
def test_the_beeper_is_a_set_point_though_the_unit_only_toggles(value: str, sent: int) -> None:
    line = Line().ready()
    assert line.last()["beeper"] == "on"
    assert line.finish("ups.beeper", value) == (Stage.DONE, "")
    assert asked(line).count("Q") == sent
    line.run(12_000)
    assert line.last()["beeper"] == value


def test_a_newer_order_supersedes_one_that_waits_and_time_runs_out() -> None:
    line = Line().ready()
    first, second = line.order("ups.test", "quick"), line.order("ups.test", "stop", 100)
    line.run(5_000)
    assert line.results(first)[-1] in ((Stage.SUPERSEDED, ""), (Stage.DONE, ""))
    assert line.results(second)[-1] in ((Stage.FAILED, "timeout"), (Stage.DONE, ""))
    line.unit.faults.deaf_to_actions = True
    assert line.finish("ups.test", "quick", 900) == (Stage.FAILED, "timeout")


def test_a_failed_unit_says_so() -> None:
    line = Line()
    line.unit.faults.failed = True
    assert line.ready().last()["alarm"] == "UPS failed"


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=60), max_size=12), st.integers(1, 2_000))
def test_any_bytes_at_any_time(chunks: list[bytes], step_ms: int) -> None:
    talk = Megatec()
    talk.opened(0)
    now_ms = 0
    for chunk in chunks:
        talk.feed(chunk, now_ms)
        talk.tick(now_ms)
        assert talk.wake_ms > now_ms
        for report in talk.take()[1]:
            assert not isinstance(report, Reading) or dict(report.values)["source"] != "battery"
        now_ms += step_ms
