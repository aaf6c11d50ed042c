"""A codec that falls silent, restarts, updates its software, or is no codec at all."""

import pytest

from hardware.contract import Reading
from hardware.sim.polycom import PolycomCodec
from hardware.sim.polycom_memory import Faults
from tests.hardware.protocols.polycom_room import MINUTE_MS, Room, done, settled


def test_three_silent_inquiries_mean_that_it_does_not_answer() -> None:
    room = settled()
    assert done(room.do("codec.power", "awake"), "unconfirmed")
    room.codec.mains(False, room.now)
    gone_ms = room.now
    room.run(MINUTE_MS)
    assert room.value("answers") is False
    assert (room.value("power"), room.value("mute"), room.value("calls")) == (None, None, None)
    assert room.ours.identity == ""
    told = [r.at_ms for r in room.reports if isinstance(r, Reading) and dict(r.values).get("answers") is False]
    assert told[0] - gone_ms < 50_000
    room.run(MINUTE_MS)
    room.reports.clear()
    room.run(11_000)
    assert len([r for r in room.reports if isinstance(r, Reading)]) == 2  # flat, every 5 s, and each one told


def test_it_is_seen_as_soon_as_it_has_booted() -> None:
    room = Room(far=PolycomCodec(5, on=False))
    room.until(20 * 3_600_000)
    assert room.value("answers") is False
    room.codec.mains(True, room.now)
    booted_ms = room.codec.wake_ms
    room.until(booted_ms + 1_000)
    assert (room.value("answers"), room.value("power")) == (True, "awake")
    assert (room.value("reboots"), room.value("updating")) == (0, False)
    room.run(5_000)
    assert room.ours.identity


def test_switched_off_for_the_night_is_not_a_restart() -> None:
    room = settled()
    room.codec.mains(False, room.now)
    room.run(10 * 3_600_000)
    room.codec.mains(True, room.now)
    room.run(3 * MINUTE_MS)
    assert (room.value("answers"), room.value("reboots"), room.value("power")) == (True, 0, "awake")


def test_registrations_are_sent_once_for_a_port_and_again_for_a_new_one() -> None:
    room = settled()
    room.codec.reboot(room.now)
    room.run(10 * MINUTE_MS)
    assert room.value("answers") is True
    assert room.texts().count("notify callstatus") == 1
    room.ours.closed(room.now)
    room.ours.opened(room.now)
    room.run(10_000)
    assert room.texts().count("notify callstatus") == 2
    assert room.value("answers") is True


@pytest.mark.parametrize("pace_ms", [0, 600_000])
def test_a_restart_in_mid_session_is_counted_and_taken_for_an_update(pace_ms: int) -> None:
    room = settled()
    room.ours.pace(pace_ms)
    room.order("codec.mute", "muted")
    room.run(2_000)
    room.codec.reboot(room.now)
    room.run(4 * MINUTE_MS)
    assert (room.value("reboots"), room.value("updating"), room.value("power")) == (1, True, "awake")
    assert (room.value("mute"), room.value("calls")) == ("open", ())
    room.run(10 * MINUTE_MS)
    assert (room.value("reboots"), room.value("updating")) == (1, False)


def test_a_restart_ends_the_call_and_fails_the_order() -> None:
    room = settled()
    room.codec.ring("10.0.0.9", room.now)
    room.do("codec.answer", "video")
    order_id = room.order("codec.audiometer", "micleft", within_ms=600_000)
    room.run(100)
    room.codec.reboot(room.now)
    room.run(4 * MINUTE_MS)
    assert (room.value("calls"), room.value("in_call")) == ((), False)
    assert room.results(order_id)[-1][0] in ("failed", "done")


def test_an_update_after_sleep_is_silent_then_counts() -> None:
    room = settled(far=PolycomCodec(4, faults=Faults(update_after_sleep=True)))
    assert done(room.do("codec.power", "asleep"))
    room.run(2 * MINUTE_MS)
    assert room.value("answers") is False
    room.run(5 * MINUTE_MS)
    assert (room.value("reboots"), room.value("updating"), room.value("software")) == (1, True, "6.2.2")


def test_out_of_reach_for_a_while_is_no_restart_where_the_uptime_says_so() -> None:
    room = settled()
    room.do("codec.power", "asleep")
    room.ours.closed(room.now)
    room.run(1)
    assert room.value("answers") is None
    room.run(5 * MINUTE_MS)
    room.ours.opened(room.now)
    room.run(10_000)
    assert (room.value("answers"), room.value("reboots"), room.value("power")) == (True, 0, "asleep")


def test_a_long_silence_without_an_uptime_counts_as_a_restart() -> None:
    room = settled(far=PolycomCodec(4, faults=Faults(unknown=frozenset({"uptime"}))))
    room.ours.closed(room.now)
    room.run(2 * MINUTE_MS)
    room.ours.opened(room.now)
    room.run(10_000)
    assert (room.value("reboots"), room.value("updating")) == (1, True)


def test_a_banner_in_mid_stream_is_no_restart() -> None:
    room = settled()
    room.until(40_100)
    room.codec.print_banner(room.now)
    room.run(MINUTE_MS)
    room.codec.print_banner(room.now)  # and one after some quiet: only the uptime tells
    room.run(MINUTE_MS)
    assert (room.value("reboots"), room.value("updating"), room.value("answers")) == (0, False, True)


def test_a_hung_codec_does_not_answer_until_its_power_is_cycled() -> None:
    room = settled()
    room.codec.hang()
    room.run(5 * MINUTE_MS)
    assert room.value("answers") is False
    room.codec.mains(False, room.now)
    room.run(20_000)
    room.codec.mains(True, room.now)
    room.run(3 * MINUTE_MS)
    assert room.value("answers") is True


def test_what_is_no_polycom_gets_no_order() -> None:
    room = Room(
        far=PolycomCodec(1, faults=Faults(unknown=frozenset({"whoami", "systemsetting", "version", "serialnum"})))
    )
    room.until(MINUTE_MS)
    assert room.value("answers") is True
    assert room.do("codec.power", "awake", 5_000) == [("failed", "not_identified")]
    assert set(room.texts()) <= {"whoami", "systemsetting get model", "version", "serialnum", "uptime get"} | {
        text for text in room.texts() if text.startswith("echo ")
    }
    assert room.ours.identity == ""


def test_an_older_one_without_banner_is_known_by_its_model() -> None:
    room = settled(far=PolycomCodec(1, model="HDX 8000", faults=Faults(unknown=frozenset({"whoami", "echo"}))))
    assert room.ours.identity == "HDX 8000:82140E0A1234CN"
    assert room.value("software") == "6.2.1"
