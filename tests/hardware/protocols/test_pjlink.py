"""The PJLink conversation: golden bytes, password, warm-up and cool-down, refusals, silence, any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import FIELDS, NEVER_MS, Reading, Stage
from hardware.protocols.pjlink import GRACE_MS, MISSES, MOST_POLL_MS, PjLink
from hardware.sim.pjlink import PjLinkServer, Projector
from tests.hardware.protocols.duplex import Duplex


class Link(Duplex):
    """Our conversation and one connection to a simulated projector."""

    def __init__(self, password: str | None = None, body: Projector | None = None) -> None:
        self.body = body or Projector()
        self.server = PjLinkServer(self.body)
        self.talk = PjLink("wall", password)
        super().__init__(self.talk, self.server, "display.wall")

    def turn(self, value: str, within_ms: int = 180_000) -> tuple[Stage, str]:
        return self.finish("display.wall.power", value, within_ms)


def ready(password: str | None = None, body: Projector | None = None) -> Link:
    link = Link(password, body)
    link.open()
    assert link.shows(10_000, answers=True, identity="EPSON EB-L200F")
    return link


def test_the_bytes() -> None:
    talk = PjLink("wall")
    talk.opened(0)
    assert talk.take() == (b"", ())
    talk.feed(b"PJLINK 0\r", 10)
    assert talk.take()[0] == b"%1POWR ?\r"
    talk.feed(b"%1POWR=0\r", 20)
    out, reports = talk.take()
    assert out == b"%1INF1 ?\r"
    assert [r.values for r in reports if isinstance(r, Reading)] == [
        (("answers", True), ("login", "ok"), ("power", "standby"))
    ]


def test_the_digest_of_the_specification() -> None:
    """Its worked example: 498e4a67 and JBMIAProjectorLink."""
    talk = PjLink("wall", "JBMIAProjectorLink")
    talk.opened(0)
    talk.feed(b"PJLINK 1 498e4a67\r", 10)
    assert talk.take()[0] == b"5d8409bc1c3fa39749434aa3a5c38682%1POWR ?\r"
    talk.feed(b"%1POWR=1\r", 20)
    assert talk.take()[0] == b"%1INF1 ?\r"


def test_what_it_says_of_itself() -> None:
    link = ready()
    assert link.shows(10_000, power="standby", lamp_h=1234, fault="", login="ok")
    assert link.last().keys() == FIELDS["display"].keys()
    link.body.faults.errors = "020002"
    assert link.shows(120_000, fault="lamp other")


def test_on_and_off_are_done_when_it_says_so() -> None:
    link = ready()
    order = link.order("display.wall.power", "on")
    assert link.until(lambda: (Stage.ACCEPTED, "") in link.results(order), 5_000)
    assert link.shows(5_000, power="warming")
    assert link.until(lambda: (Stage.DONE, "") in link.results(order), 60_000)
    assert (link.last()["power"], link.body.state) == ("on", "on")
    assert link.turn("standby") == (Stage.DONE, "")
    assert link.said("power")[-2:] == ["cooling", "standby"]
    assert link.turn("standby") == (Stage.DONE, "")
    assert sum("%1POWR 0" in word for word in link.server.asked) == 1


def test_it_is_told_on_while_it_cools_and_heard_when_it_can() -> None:
    link = ready()
    assert link.turn("on") == (Stage.DONE, "")
    link.order("display.wall.power", "standby")
    assert link.shows(20_000, power="cooling")
    assert link.turn("on") == (Stage.DONE, "")
    assert link.body.state == "on"


def test_not_now_is_asked_again() -> None:
    link = ready()
    link.body.faults.not_now = 2
    assert link.turn("on") == (Stage.DONE, "")


@pytest.mark.parametrize(
    ("fault", "end"),
    [("broken", (Stage.FAILED, "failed")), ("no_power_command", (Stage.REFUSED, "unsupported"))],
)
def test_what_it_will_not_do(fault: str, end: tuple[Stage, str]) -> None:
    link = ready()
    setattr(link.body.faults, fault, True)
    assert link.turn("on") == end


def test_a_projector_that_never_cools_down_is_no_success() -> None:
    link = ready()
    assert link.turn("on") == (Stage.DONE, "")
    link.body.faults.stays_warm = True
    assert link.turn("standby") == (Stage.FAILED, "timeout")
    assert link.last()["power"] == "cooling"


def test_a_password() -> None:
    body = Projector()
    body.faults.password = "hội trường"
    link = ready("hội trường", body)
    assert link.turn("on") == (Stage.DONE, "")


@pytest.mark.parametrize(("password", "login"), [("wrong", "refused"), (None, "asked")])
def test_a_wrong_or_missing_password(password: str | None, login: str) -> None:
    body = Projector()
    body.faults.password = "right"
    link = Link(password, body)
    link.open(20_000)
    assert link.last() == {"answers": True, "login": login}
    assert link.turn("on") == (Stage.REFUSED, "access_denied")
    assert body.state == "standby"


def test_silence_is_said_and_so_is_its_end() -> None:
    link = ready()
    link.body.faults.hangs = True
    assert link.shows(60_000, answers=False, power=None)
    link.body.faults.hangs = False
    assert link.shows(30_000, answers=True, power="standby")


def test_a_projector_without_power_is_silent_and_no_defect() -> None:
    talk = PjLink("wall")
    assert talk.wake_ms == 0
    talk.tick(100)
    assert talk.take() == (b"", ())
    talk.tick(100 + GRACE_MS)
    (reading,) = talk.take()[1]
    assert isinstance(reading, Reading)
    assert reading.values == (("answers", False), ("power", None))
    assert talk.wake_ms > 100 + GRACE_MS


def test_a_connection_that_ends_and_comes_back_is_no_silence() -> None:
    link = ready()
    link.talk.closed(link.now_ms)
    link.run(5_000)
    link.server.connect(link.now_ms)
    link.open(5_000)
    assert False not in link.said("answers")
    assert link.last()["power"] == "standby"


def test_an_order_over_a_connection_that_ends() -> None:
    link = ready()
    order = link.order("display.wall.power", "on")
    link.talk.closed(link.now_ms)
    link.run(10)
    assert link.results(order)[-1] == (Stage.FAILED, "closed")
    assert link.turn("on") == (Stage.REFUSED, "closed")


def test_a_newer_order_supersedes_and_nonsense_is_refused() -> None:
    link = ready()
    first = link.order("display.wall.power", "on")
    assert link.turn("standby")[0] is Stage.DONE
    assert link.results(first)[-1] == (Stage.SUPERSEDED, "")
    assert link.turn("warm") == (Stage.REFUSED, "unsupported")
    assert link.finish("display.other.power", "on") == (Stage.REFUSED, "unsupported")


@pytest.mark.parametrize("pace_ms", [0, 60_000, 3_600_000])
def test_whatever_the_pace_the_projector_does_not_hang_up(pace_ms: int) -> None:
    link = ready()
    link.talk.pace(pace_ms)
    link.run(600_000)
    assert not link.server.hung_up
    assert len(link.sent) >= 600_000 // MOST_POLL_MS


def test_no_greeting_is_silence() -> None:
    talk = PjLink("wall")
    talk.opened(0)
    for _ in range(MISSES):
        assert talk.wake_ms < NEVER_MS
        talk.tick(talk.wake_ms)
    (reading,) = talk.take()[1]
    assert isinstance(reading, Reading)
    assert ("answers", False) in reading.values


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=60), max_size=10))
def test_any_bytes(chunks: list[bytes]) -> None:
    talk = PjLink("wall", "x")
    talk.opened(0)
    talk.feed(b"PJLINK 0\r", 0)
    for n, chunk in enumerate(chunks):
        talk.feed(chunk, n * 700)
        talk.tick(n * 700)
        assert talk.wake_ms > n * 700
        for report in talk.take()[1]:
            assert isinstance(report, Reading)


def called_again(link: Link, for_ms: int) -> int:
    """As the pump does: whenever the projector has hung up it is called again. How often our password went out."""
    tries, end_ms = 0, link.now_ms + for_ms
    while link.now_ms < end_ms:
        link.sent.clear()
        link.run(1_000)
        tries += sum(len(word) > 32 for word in link.sent)
        if link.server.hung_up:
            link.talk.closed(link.now_ms)
            link.server.connect(link.now_ms)
            link.open()
    return tries


def test_a_refused_password_is_tried_less_and_less() -> None:
    body = Projector()
    body.faults.password = "right"
    link = Link("wrong", body)
    link.open()
    assert called_again(link, 50_000) == 1
    assert called_again(link, 10 * 60_000) == 3  # after 1, 2, 4 minutes
    assert called_again(link, 24 * 3_600_000) <= 30  # an hour at most
    assert link.said("login") == ["refused"]
    assert False not in link.said("answers")


def test_a_password_that_was_put_right_there_is_taken_and_forgives() -> None:
    body = Projector()
    body.faults.password = "other"
    link = Link("ours", body)
    link.open()
    called_again(link, 5 * 60_000)
    body.faults.password = "ours"
    called_again(link, 10 * 60_000)
    assert link.last()["login"] == "ok"
    body.faults.password = "other"
    link.talk.closed(link.now_ms)
    link.server.connect(link.now_ms)
    link.open()
    assert called_again(link, 80_000) == 2
