"""Sessions with a Cisco codec: logins at any moment, echo, lost registrations, restarts; what it tells besides."""

from __future__ import annotations

import pytest

from hardware.contract import NEVER_MS, Value
from hardware.protocols.cisco import Cisco
from hardware.protocols.cisco_life import FEEDBACK
from hardware.protocols.cisco_login import AGAIN_MS
from hardware.protocols.codec_line import MAX_REPORTS
from hardware.sim.cisco import CiscoCodec
from hardware.sim.codec_parts import FarEnd
from tests.hardware.protocols.cisco_room import MCU, MINUTE_MS, Room, bare, done, settled

# Login, echo, restarts.


def test_a_login_in_the_middle_of_everything() -> None:
    room = settled(Cisco(password="right"), CiscoCodec(3, password="right"))
    order = room.order("codec.dial", MCU)
    room.run(60)
    room.codec.ask_login(room.now)
    room.run(20_000)
    assert room.results(order)[-1] == ("failed", "login")
    assert (room.value("login"), room.value("answers"), room.value("reboots")) == ("ok", True, 0)
    assert len(room.codec.shell.registered) == len(FEEDBACK)
    assert not room.codec.shell.echo


def test_a_wrong_password_costs_two_tries_in_a_week() -> None:
    room = settled(Cisco(password="wrong"), CiscoCodec(3, password="right"))
    assert (room.value("login"), room.codec.failed_logins) == ("refused", 1)
    room.run(AGAIN_MS - MINUTE_MS)
    assert room.codec.failed_logins == 1
    room.run(7 * 24 * 60 * MINUTE_MS)
    assert (room.value("login"), room.codec.failed_logins) == ("refused", 2)
    room.codec.reboot(room.now)
    room.run(10 * MINUTE_MS)
    assert (room.value("login"), room.codec.failed_logins) == ("refused", 2)


def test_somebody_logs_in_for_us() -> None:
    room = settled(Cisco(), CiscoCodec(3, password="right"))
    assert room.value("login") == "asked"
    for word in (b"admin\r", b"right\r"):
        room.codec.feed(word, room.now)
    room.run(15 * MINUTE_MS)
    assert (room.value("login"), room.value("answers")) == ("ok", True)


def test_somebody_logs_in_while_we_do_not_look() -> None:
    far = CiscoCodec(3, password="right")
    room = settled(Cisco(), far)
    for word in (b"admin\r", b"right\r"):
        far.feed(word, room.now)
    far.take()
    room.run(15 * MINUTE_MS)
    assert (room.value("login"), room.value("answers")) == ("ok", True)


def test_a_login_without_a_greeting() -> None:
    ours = Cisco(password="right")
    ours.opened(0)
    sent = b""
    for at_ms in range(0, 12_000, 50):
        if at_ms == 100:
            ours.feed(b"\r\ncodec login: ", at_ms)
        if at_ms == 500:
            ours.feed(b"admin\r\nPassword: ", at_ms)
        if at_ms == 900:
            ours.feed(b"\r\n", at_ms)
        ours.tick(at_ms)
        sent += ours.take()[0]
    assert sent.startswith(b"admin\rright\rxStatus SystemUnit Uptime")


def test_a_prompt_that_goes_on_is_none() -> None:
    room = settled(Cisco(password="right"))
    room.ours.feed(b"\r\nlogin: ", room.now)
    room.ours.feed(b"disabled\r\n", room.now + 50)
    room.run(1_000)
    assert room.value("login") == "ok"


def test_a_command_that_was_taken_for_a_name() -> None:
    far = CiscoCodec(3, password="right")
    far.feed(b"xStatus Call\r", 0)
    far.take()
    room = Room(Cisco(password="right"), far)
    room.until(30_000)
    assert (room.value("login"), far.failed_logins) == ("ok", 0)


def test_echo_that_is_on_again_is_switched_off() -> None:
    room = settled()
    room.codec.shell.echo = True
    room.run(90_000)
    assert not room.codec.shell.echo
    assert room.ours.dropped == 0


def test_registrations_that_were_lost_in_the_field() -> None:
    room = settled()
    room.codec.forget_feedback()
    room.run(120_000)
    assert len(room.codec.shell.registered) == len(FEEDBACK)
    room.codec.unit.set_muted(True)
    room.run(100)
    assert room.value("mute") == "muted"


def test_registrations_that_never_hold_are_not_repeated_for_ever() -> None:
    far = CiscoCodec(3)
    far.faults.loses_feedback = True
    room = settled(far=far)
    room.run(3_600_000)
    assert sum("Register /Status/Call" in text for text in room.texts()) <= 5


def test_a_restart_that_nobody_saw() -> None:
    """Asked so seldom that it was up again before the next inquiry."""
    room = settled(far=CiscoCodec(3, boot_ms=(60_000, 60_000)))
    room.ours.pace(600_000)
    room.run(620_000)
    room.codec.faults.lf = True
    room.codec.reboot(room.now)
    room.codec.tick(room.now + 61_000)
    room.codec.take()
    room.run(700_000)
    assert (room.value("reboots"), room.value("answers")) == (1, True)
    assert len(room.codec.shell.registered) == len(FEEDBACK)
    assert room.value("updating") in (True, False)


def test_in_json_a_night_without_power_is_no_restart_of_its_own() -> None:
    room = settled(Cisco(mode="json"))
    room.codec.mains(False, room.now)
    room.run(10 * 3_600_000)
    room.codec.mains(True, room.now)
    room.run(5 * MINUTE_MS)
    assert (room.value("answers"), room.value("reboots")) == (True, 0)


# What else it tells.


def test_people_are_counted_where_it_counts() -> None:
    room = settled()
    assert room.value("people") is None
    room.codec.unit.people = 43
    room.codec.unit.changed()
    room.run(100)
    assert room.value("people") == 43
    room.codec.unit.people = -1
    room.run(120_000)
    assert room.value("people") is None


def test_a_meeting_in_teams_is_a_call_without_rows() -> None:
    room = settled()
    room.codec.unit.teams = True
    room.run(120_000)
    assert (room.value("in_call"), room.value("calls")) == (True, ())


def test_the_codecs_own_timer_does_not_end_the_wish_to_be_awake() -> None:
    room = settled()
    room.run(15 * MINUTE_MS)
    assert room.value("power") == "asleep"
    assert done(room.do("codec.power", "awake"))
    room.run(120 * MINUTE_MS)
    assert room.value("power") == "awake"


@pytest.mark.parametrize(
    ("state", "power"), [("Halfwake", "asleep"), ("EnteringStandby", "awake"), ("Off", "awake")]
)
def test_halfwake_is_not_awake(state: str, power: str) -> None:
    room = settled()
    room.codec.unit.set_standby(state)
    room.run(100)
    assert room.value("power") == power


def test_a_codec_that_is_halfwake_is_woken() -> None:
    room = settled()
    room.codec.unit.set_standby("Halfwake")
    assert done(room.do("codec.power", "awake"))
    assert room.codec.unit.standby == "Off"


def test_an_update_is_told_before_it_restarts() -> None:
    room = settled()
    room.codec.unit.upgrade = "InProgress"
    room.codec.unit.changed()
    room.run(100)
    assert (room.value("updating"), room.value("reboots")) == (True, 0)
    room.codec.unit.upgrade = "Succeeded"
    room.codec.unit.changed()
    room.run(100)
    assert room.value("updating") is False


def test_registered_with_nobody() -> None:
    room = settled()
    assert room.value("registered") is True
    room.codec.unit.registered_there = False
    room.run(120_000)
    assert room.value("registered") is False


def test_a_device_that_does_not_say_who_it_is_gets_no_order() -> None:
    far = CiscoCodec(3)
    far.faults.unknown = frozenset({"xstatus systemunit productid"})
    room = settled(far=far)
    assert (room.value("answers"), room.ours.identity) == (True, "")
    assert room.do("codec.mute", "muted") == [("failed", "not_identified")]
    far.faults.unknown = frozenset()
    room.run(60_000)
    assert room.ours.identity == "Cisco TelePresence SX20:FTT1923ABCD"


def test_status_that_it_does_not_know_is_not_asked_for_ever() -> None:
    room = settled()
    room.run(3_000_000)
    asked = [text for text in bare(room.texts()) if "MicrosoftTeams" in text]
    assert len(asked) == 3
    room.run(3_000_000)
    assert len([text for text in bare(room.texts()) if "MicrosoftTeams" in text]) > 3


def test_a_line_that_bends_every_question_for_minutes_costs_no_knowledge_for_ever() -> None:
    room = settled()
    room.codec.faults.unknown = frozenset(
        {"xstatus audio", "xstatus systemunit p", "xstatus standby", "xstatus call"}
    )
    room.run(300_000)
    room.codec.reboot(room.now)
    room.run(600_000)
    assert room.ours.identity == ""
    room.codec.faults.unknown = frozenset()
    room.codec.unit.set_muted(True)
    room.run(60_000)
    assert room.ours.identity == "Cisco TelePresence SX20:FTT1923ABCD"
    assert (room.value("mute"), room.value("power")) == ("muted", "awake")


def test_a_call_of_which_a_line_was_lost_is_not_forgotten() -> None:
    room = settled()
    room.do("codec.dial", MCU)
    room.codec.forget_feedback()
    room.codec.faults.noise = 1.0
    room.run(60_000)
    assert room.value("in_call") is True


def test_a_dialled_call_that_fails_at_once() -> None:
    room = settled()
    room.codec.far_end(FarEnd(answers=False, gives_up_ms=1, ends_ms=1))
    assert room.do("codec.dial", MCU)[-1] == ("failed", "ended")


def test_a_dialled_call_whose_verdict_is_lost() -> None:
    room = settled()
    room.codec.faults.lag_ms = 20_000
    results = room.do("codec.dial", MCU, 60_000)
    assert results[-1] == ("done", "")


def test_a_dial_without_any_answer() -> None:
    room = settled()
    room.codec.hang()
    assert room.do("codec.dial", MCU, 60_000)[-1][0] == "failed"


def test_hanging_up_without_any_answer() -> None:
    room = settled()
    room.do("codec.dial", MCU)
    room.codec.hang()
    assert room.do("codec.hangup", "all", 60_000)[-1][0] == "failed"


def test_the_camera_where_positions_cannot_be_asked() -> None:
    room = settled(Cisco("main"))
    room.do("camera.main.store", 3)
    room.codec.faults.unknown = frozenset({"xstatus cameras"})
    room.run(180_000)
    assert room.do("camera.main.preset", 3, 60_000)[-1] == ("done", "unconfirmed")
    room.codec.faults.unknown = frozenset()


def test_a_camera_that_never_rests() -> None:
    room = settled(Cisco("main"))
    order = room.order("camera.main.position", (800, 0, 0), 60_000)
    for _ in range(300):
        room.run(100)
        room.codec.unit.head.go((800.0 if room.now % 1_000 < 500 else -800.0, 0, 0), room.now)
    assert room.results(order)[-1] == ("done", "unconfirmed")


def test_power_of_the_camera_follows_the_codec() -> None:
    room = settled(Cisco("main"))
    assert room.do("camera.main.power", "on") == [("done", "")]
    room.do("codec.power", "asleep")
    assert room.do("camera.main.power", "on") == [("refused", "codec_asleep")]
    assert room.do("camera.main.power", "standby") == [("done", "")]
    orders: tuple[tuple[str, Value], ...] = (
        ("store", 3),
        ("drive", (3, 0, 0)),
        ("position", (3, 0, 0)),
        ("park", "home"),
    )
    for target, value in orders:
        assert room.do(f"camera.main.{target}", value) == [("refused", "codec_asleep")]
    assert room.do("camera.main.drive", (0, 0, 0))[-1] == ("done", "unconfirmed")


def test_pace_and_wake() -> None:
    ours = Cisco()
    assert ours.wake_ms == NEVER_MS
    ours.pace(5_000)
    ours.tick(7)
    ours.feed(b"OK\r\n", 8)
    assert ours.take() == (b"", ())
    room = settled()
    room.ours.pace(300_000)
    room.run(600_000)
    quiet = len(room.sent)
    room.ours.pace(5_000)
    room.run(20_000)
    assert len(room.sent) - quiet > 20


def test_reports_are_bounded() -> None:
    ours = Cisco()
    ours.opened(0)
    for n in range(3 * MAX_REPORTS):
        ours.feed(f"*s Audio Volume: {n % 100}\r\n** end\r\n".encode(), n)
    assert len(ours.take()[1]) == MAX_REPORTS
