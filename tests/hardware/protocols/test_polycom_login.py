"""The login dialogue: answered, refused twice and left alone, back in mid-session, never shown."""

import pytest

from hardware.contract import Reading
from hardware.protocols.polycom import Polycom
from hardware.sim.polycom import PolycomCodec
from tests.hardware.protocols.polycom_room import MINUTE_MS, Room, settled


def secret() -> Polycom:
    return Polycom(user="admin", password="Bi-mat-1")


@pytest.mark.parametrize("user", ["", "admin"])
def test_the_port_asks_and_we_log_in(user: str) -> None:
    room = Room(secret(), PolycomCodec(1, user=user, password="Bi-mat-1"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.until(15_000)
    assert (room.value("login"), room.value("answers"), room.value("reboots")) == ("ok", True, 0)
    assert room.ours.identity


def test_the_secret_is_shown_nowhere() -> None:
    room = Room(secret(), PolycomCodec(1, user="admin", password="other"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.until(MINUTE_MS)
    assert "Bi-mat-1" not in f"{room.reports!r} {room.ours!r} {vars(room.ours)!r}"


def test_a_refused_login_is_tried_twice_and_then_left_for_ten_minutes() -> None:
    room = Room(secret(), PolycomCodec(1, user="admin", password="other"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.until(MINUTE_MS)
    assert (room.value("login"), room.value("answers")) == ("refused", None)
    assert room.texts() == ["admin", "Bi-mat-1", "admin", "Bi-mat-1"]
    assert room.do("codec.power", "awake", 100) == [("refused", "login")]
    room.run(30 * MINUTE_MS)
    assert room.texts().count("Bi-mat-1") <= 8


def test_without_a_password_a_prompt_is_left_alone() -> None:
    room = Room(Polycom(), PolycomCodec(1, password="x"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.until(5 * MINUTE_MS)
    assert (room.value("login"), room.value("answers")) == ("asked", None)
    assert room.texts() == []


def test_a_locked_port_whose_device_loses_its_power_is_seen_to_be_silent_in_the_end() -> None:
    room = Room(Polycom(), PolycomCodec(1, password="x"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.until(MINUTE_MS)
    room.codec.mains(False, room.now)
    room.run(12 * MINUTE_MS)
    assert room.value("answers") is False


def test_a_prompt_in_mid_session_is_answered_and_registrations_are_not_repeated() -> None:
    room = settled(secret(), PolycomCodec(1, password="Bi-mat-1"))
    assert room.value("login") == "ok"
    room.codec.ask_login(room.now)
    order_id = room.order("codec.mute", "muted")
    room.run(MINUTE_MS)
    assert room.results(order_id) == [("failed", "login")]
    assert (room.value("login"), room.value("answers"), room.value("reboots")) == ("ok", True, 0)
    assert room.texts().count("mute register") == 1


def test_a_prompt_with_a_line_end_and_a_device_without_a_welcome() -> None:
    ours = Polycom(password="Bi-mat-1")
    ours.opened(0)
    ours.feed(b"Password:\r\n", 10)
    ours.tick(200)
    assert ours.take()[0] == b"Bi-mat-1\r"
    for at_ms in (5_300, 6_000):
        ours.tick(at_ms)
    assert b"echo" in ours.take()[0]
    ours.feed(b'"sync1"\r\n', 6_100)
    assert ("login", "ok") in [pair for r in ours.take()[1] if isinstance(r, Reading) for pair in r.values]


def test_silently_repeated_prompts_are_tries_too() -> None:
    ours, typed = Polycom(password="wrong"), 0
    ours.opened(0)
    for at_ms in range(1_000, 120_000, 8_000):
        ours.feed(b"\r\nPassword: ", at_ms)
        for later_ms in range(100, 8_000, 100):
            ours.tick(at_ms + later_ms)
        typed += ours.take()[0].count(b"wrong")
    assert typed == 2


def test_a_welcome_without_our_doing_unlocks_the_port() -> None:
    room = Room(Polycom(), PolycomCodec(1, password="x"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.until(5_000)
    room.codec.feed(b"x\r", room.now)  # an operator types it on another keyboard
    room.run(10_000)
    assert (room.value("login"), room.value("answers")) == ("ok", True)


def test_a_word_that_only_begins_like_a_prompt_is_none() -> None:
    room = settled(secret())
    room.ours.feed(b"Password:", room.now)
    room.run(50)
    room.ours.feed(b" changed by admin\r\n", room.now)
    room.run(1_000)
    assert room.value("login") == "ok"
    assert "Bi-mat-1" not in room.texts()


def test_a_locked_port_that_answers_an_empty_line_is_open_again() -> None:
    ours = Polycom()
    ours.opened(0)
    ours.feed(b"Password: ", 10)
    ours.tick(200)
    ours.take()
    ours.tick(600_200)
    assert ours.take()[0] == b"\r"
    ours.feed(b"error: command not found\r\n", 600_300)
    ours.tick(600_500)
    assert b"echo" in ours.take()[0]


def test_a_password_that_stays_wrong_is_tried_less_and_less() -> None:
    room = Room(secret(), PolycomCodec(1, user="admin", password="other"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    tries = []
    for _ in range(8):
        room.run(60 * MINUTE_MS)
        tries.append(room.texts().count("Bi-mat-1"))
    assert tries == [6, 8, 10, 10, 10, 12, 12, 12]  # rounds of two after 10, 20, 40, 80, 160 minutes


def test_a_loose_plug_is_no_reason_to_try_again() -> None:
    room = Room(secret(), PolycomCodec(1, user="admin", password="other"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.run(MINUTE_MS)
    for _ in range(20):
        room.ours.closed(room.now)
        room.ours.opened(room.now)
        room.codec.ask_login(room.now)
        room.run(5_000)
    assert room.texts().count("Bi-mat-1") == 2
    assert room.value("login") == "refused"


def test_a_password_that_was_put_right_there_is_taken_in_the_end() -> None:
    room = Room(secret(), PolycomCodec(1, user="admin", password="other"), open_port=False)
    room.codec.ask_login(0)
    room.ours.opened(0)
    room.run(MINUTE_MS)
    room.ours.closed(room.now)
    right = Room(room.ours, PolycomCodec(1, user="admin", password="Bi-mat-1"), open_port=False)
    right.now = room.now
    right.ours.opened(right.now)
    right.codec.ask_login(right.now)
    right.run(20 * MINUTE_MS)
    assert (right.value("login"), right.value("answers")) == ("ok", True)
