"""The conversation with a codec: its start, and watching what happens in the room; on bytes of both ends."""

import itertools

from hardware.contract import FIELDS, NEVER_MS, Reading
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


def test_who_is_sent_to_sleep_before_it_was_asked_to_tell_is_believed() -> None:
    room = Room(far=PolycomCodec(seed=3, on=False))
    room.run(MINUTE_MS)
    room.codec.mains(True, room.now)
    while not any(isinstance(r, Reading) and ("power", "awake") in r.values for r in room.reports):
        room.run(10)
    assert "sleep register" not in room.texts()
    assert room.do("codec.power", "asleep")[-1] == ("done", "unconfirmed")
    assert room.codec.unit.asleep
    assert room.value("power") == "asleep"


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
