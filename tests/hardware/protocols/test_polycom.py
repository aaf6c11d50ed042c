"""The conversation with a codec: start, watching, silence, restart, login; on both ends' bytes."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import FIELDS, NEVER_MS, Order, OrderId, Reading, Result
from hardware.protocols.polycom import Polycom
from hardware.sim.polycom import PolycomCodec
from hardware.sim.polycom_commands import WAKERS
from hardware.sim.polycom_memory import Faults
from tests.hardware.protocols.polycom_room import MINUTE_MS, Room, as_conversation, done, settled


def test_it_is_a_conversation() -> None:
    assert as_conversation(Polycom()).wake_ms == NEVER_MS


def test_start_is_quiet_then_echo_then_who_then_register_then_state() -> None:
    room = settled()
    first_ms, first = room.sent[0]
    assert (first_ms, first) == (500, 'echo "sync1"')
    assert room.texts()[1:16] == [
        "whoami",
        "callstate register",
        "mute register",
        "volume register",
        "vcbutton register",
        "sleep register",
        "popupinfo register",
        "notify callstatus",
        "notify mutestatus",
        "notify sysstatus",
        "notify sysalerts",
        "listen video",
        "mute near get",
        "volume get",
        "callinfo all",
    ]
    assert room.ours.identity == "RealPresence Group 700:82140E0A1234CN"
    for field, value in (("answers", True), ("login", "ok"), ("mute", "open"), ("volume", 25), ("calls", ())):
        assert room.value(field) == value
    for field, value in (("in_call", False), ("registered", True), ("autoanswer", False), ("software", "6.2.1")):
        assert room.value(field) == value
    assert (room.value("reboots"), room.value("updating")) == (0, False)
    assert room.codec.too_fast == 0
    assert room.ours.dropped == 0


def test_what_still_comes_in_at_the_opening_is_let_pass() -> None:
    room = Room()
    for at_ms in (300, 600, 900):
        room.until(at_ms)
        room.ours.feed(b"mute near off\r\n", at_ms)
    room.until(2_000)
    assert room.sent[0][0] == 1_500


def test_a_port_that_never_falls_quiet_is_spoken_to_all_the_same() -> None:
    room = Room()
    for at_ms in range(100, 4_000, 100):
        room.until(at_ms)
        room.ours.feed(b"audiometer micleft level peak:-9\r\n", at_ms)
    assert room.sent[0][0] <= 3_500


def test_every_reading_keeps_to_the_vocabulary() -> None:
    room = settled(Polycom("main"))
    room.order("codec.dial", ("10.0.0.1", "h323", 768))
    room.run(40_000)
    for report in room.reports:
        if isinstance(report, Reading):
            fields = FIELDS[report.source.split(".")[0]]
            for name, value in report.values:
                kinds = {"bool": bool, "int": int, "float": float, "str": str, "tuple": tuple}
                assert value is None or isinstance(value, kinds[fields[name].kind])
                assert not fields[name].words or value in (None, *fields[name].words)


def test_the_cycle_asks_microphone_and_calls_each_time_and_waits_its_period() -> None:
    room = settled()
    room.run(2 * MINUTE_MS)
    cycles = [at_ms for at_ms, text in room.sent if text == "callinfo all"]
    assert len(cycles) >= 4
    assert all(30_000 <= two - one < 32_000 for one, two in itertools.pairwise(cycles))
    assert room.texts().count("mute near get") == len(cycles)
    assert "netstats" not in room.texts()


def test_pace_is_kept_and_a_quicker_one_works_at_once() -> None:
    room = settled()
    room.ours.pace(300_000)
    room.run(10 * MINUTE_MS)
    before = room.texts().count("callinfo all")
    assert before <= 4
    room.ours.pace(6_000)
    room.run(3_000)
    assert room.texts().count("callinfo all") == before + 1
    room.run(MINUTE_MS)
    assert room.texts().count("callinfo all") >= before + 8
    room.ours.pace(0)
    room.run(MINUTE_MS)


def test_netstats_are_asked_in_a_call_only_and_told() -> None:
    room = settled()
    room.codec.unit.loss_pct, room.codec.unit.rx_kbps = 1.5, 900
    room.order("codec.dial", ("10.0.0.1", "h323", 1024))
    room.run(30_000)
    assert (room.value("rate_kbps"), room.value("loss_pct"), room.value("in_call")) == (900, 1.5, True)
    room.codec.far_end_hangs_up(room.now)
    room.run(5_000)
    assert (room.value("rate_kbps"), room.value("calls")) == (None, ())


def test_somebody_at_the_table_opens_the_microphone() -> None:
    room = settled()
    assert done(room.do("codec.mute", "muted"))
    room.codec.person_mutes(False, room.now)
    room.run(10)
    assert room.value("mute") == "open"


def test_the_mute_word_of_a_connection_is_not_the_near_microphone() -> None:
    room = settled()
    room.codec.ring("10.0.0.9", room.now)
    assert done(room.do("codec.answer", "video"))
    next(iter(room.codec.unit.calls.table.values())).muted = True
    room.run(MINUTE_MS)
    assert room.value("mute") == "open"


def test_a_call_comes_in_and_is_told_with_its_way_and_number() -> None:
    room = settled()
    call_id = str(room.codec.ring("10.0.0.9", room.now, name="Hue"))
    room.run(100)
    assert room.value("calls") == ((call_id, "in", "ringing", "10.0.0.9", "videocall"),)
    assert room.value("in_call") is False


def test_no_command_goes_out_while_a_call_is_being_set_up() -> None:
    room = settled()
    room.codec.ring("10.0.0.9", room.now)
    at_ms = room.now
    room.run(30_000)
    assert room.texts(at_ms) == []
    room.run(40_000)
    assert room.texts(at_ms)
    assert not room.codec.lost_in_setup


def test_a_call_of_a_firmware_without_events_is_found_by_the_list() -> None:
    room = settled(
        far=PolycomCodec(2, faults=Faults(unknown=frozenset({"callstate", "notify"}), loses_in_setup=False))
    )
    room.codec.ring("10.0.0.9", room.now)
    room.run(3_000)
    assert [call[1:3] for call in _calls(room)] == [("in", "ringing")]
    room.codec.unit.calls.connect(next(iter(room.codec.unit.calls.table)))
    room.run(70_000)
    assert room.value("in_call") is True


def _calls(room: Room) -> list[tuple[object, ...]]:
    calls = room.value("calls")
    assert isinstance(calls, tuple)
    return [call for call in calls if isinstance(call, tuple)]


def test_a_popup_is_told_and_taken_back() -> None:
    room = settled(far=PolycomCodec(2, faults=Faults(asks_before_call=True)))
    room.codec.ring("10.0.0.9", room.now, name="Hue")
    room.run(100)
    assert room.value("popup") == "Hue is calling. Answer?"
    room.codec.unit.calls.connect(next(iter(room.codec.unit.calls.table)))
    room.run(2_000)
    assert room.value("popup") == ""


def test_sleep_and_wake_by_people_are_seen() -> None:
    room = settled()
    room.codec.person_wakes(False, room.now)
    room.run(10)
    assert room.value("power") == "asleep"
    room.codec.person_wakes(True, room.now)
    room.run(10)
    assert room.value("power") == "awake"


def test_nothing_that_wakes_a_sleeper_is_ever_asked() -> None:
    room = settled(Polycom("main"))
    room.do("codec.power", "asleep")
    room.run(20 * MINUTE_MS)
    assert room.codec.unit.asleep
    assert room.codec.unit.woken_by_query == 0
    assert not set(room.texts()) & set(WAKERS)
    assert room.value("power", "camera.main") == "standby"


def test_the_volume_knob_is_heard() -> None:
    room = settled()
    room.codec.person_turns_volume(40, room.now)
    room.run(10)
    assert room.value("volume") == 40


# Silence and power.


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


# Orders at the door.


def test_orders_on_a_closed_port_are_refused_and_open_ones_fail_when_it_closes() -> None:
    room = Room(open_port=False)
    assert room.do("codec.power", "awake", 100) == [("refused", "closed")]
    room.ours.opened(room.now)
    room.run(10_000)
    order_id = room.order("codec.power", "asleep")
    room.ours.closed(room.now)
    room.run(10)
    assert room.results(order_id) == [("failed", "closed")]
    assert room.ours.wake_ms == NEVER_MS
    room.ours.feed(b"mute near on\r\n", room.now)
    room.ours.tick(room.now)
    assert room.ours.take() == (b"", ())


def test_an_order_before_the_device_is_known_is_refused_and_during_a_resync_waits() -> None:
    room = Room()
    room.until(520)
    assert room.do("codec.mute", "muted", 1) == [("refused", "not_identified")]
    room = Room()
    room.until(600)
    assert done(room.do("codec.mute", "muted"))


def test_a_newer_order_replaces_the_older_one_and_its_late_answer_is_ignored() -> None:
    room = settled()
    first = room.order("codec.mute", "muted")
    second = room.order("codec.mute", "open")
    room.run(5_000)
    assert room.results(first) == [("superseded", "")]
    assert done(room.results(second))
    assert room.value("mute") == "open"


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        ("codec.nothing", 1, "unknown_target"),
        ("camera.main.preset", 1, "unknown_target"),
        ("codec.power", "on", "bad_value"),
        ("codec.mute", True, "bad_value"),
        ("codec.volume", 51, "bad_value"),
        ("codec.volume", True, "bad_value"),
        ("codec.dial", "10.0.0.1", "bad_value"),
        ("codec.dial", ('a" h323\rreboot yes', "h323", 1), "bad_value"),
        ("codec.dial", ("10.0.0.1", "h320", 1), "bad_value"),
        ("codec.dial", ("10.0.0.1", "h323", 9999), "bad_value"),
        ("codec.hangup", 34, "bad_value"),
        ("codec.hangup", 'x"\rreboot yes', "bad_value"),
        ("codec.answer", "audio", "bad_value"),
        ("codec.audiometer", "elsewhere", "bad_value"),
    ],
)
def test_nonsense_is_refused_before_the_wire(
    target: str, value: str | int | tuple[str, str, int], code: str
) -> None:
    room = settled()
    sent = len(room.sent)
    assert room.results(room.order(target, value)) == [("refused", code)]
    assert len(room.sent) == sent


# Login.


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


# Anything at all on the wire.

LINES = st.sampled_from(
    [
        b"mute near on\r\n",
        b"callinfo begin\r\n",
        b"callinfo:1::10:384:connected:notmuted:outgoing:videocall\r\n",
        b"callinfo end\r\n",
        b"system is not in a call\r\n",
        b"Hi, my name is : x\r\n",
        b"error: command not found\r\n",
        b"info: no\r\n",
        b"Password: ",
        b"-- login failed, retry --\r\n",
        b"active: call[3] speed[384]\r\n",
        b"cs: call[3] chan[0] dialstr[x] state[RINGING]\r\n",
        b"ended: call[3]\r\n",
        b"preset near go 3\r\n",
        b"camera near position 1 2 3\r\n",
        b'"sync1"\r\n',
        b"status end\r\n",
        b"SNMP Enabled: True\r\n",
        b"1 Hour, 0 Minutes\r\n",
    ]
)
WIRE = st.lists(st.one_of(st.binary(max_size=20), LINES), max_size=25)


@settings(max_examples=60, deadline=None)
@given(WIRE, st.booleans(), st.integers(1, 9_000))
def test_nothing_that_comes_raises_or_stops_time(chunks: list[bytes], order: bool, step_ms: int) -> None:
    ours, now_ms = Polycom("main", password="x"), 0
    ours.opened(0)
    for chunk in chunks:
        now_ms += step_ms
        ours.tick(now_ms)
        ours.feed(chunk, now_ms)
        ours.tick(now_ms)
        assert ours.wake_ms > now_ms
        if order:
            ours.ask(Order(OrderId("b", now_ms), "codec.mute", "muted", 5_000), now_ms)
        ours.take()
    for _ in range(40):
        now_ms = max(now_ms + 1, min(ours.wake_ms, now_ms + 60_000))
        ours.tick(now_ms)
        assert ours.wake_ms > now_ms


@settings(max_examples=60, deadline=None)
@given(WIRE, st.integers(1, 7))
def test_cut_otherwise_it_says_the_same(chunks: list[bytes], size: int) -> None:
    data = b"".join(chunks) + b"\r\n"
    told = []
    for pieces in ([data], [data[i : i + size] for i in range(0, len(data), size)]):
        ours = Polycom("main")
        ours.opened(0)
        ours.tick(500)
        ours.take()
        for piece in pieces:
            ours.feed(piece, 600)
        ours.tick(600)
        out, reports = ours.take()
        last = {name: value for r in reports if isinstance(r, Reading) for name, value in r.values}
        told.append((out, last, [r for r in reports if isinstance(r, Result)], ours.dropped))
    assert told[0] == told[1]
