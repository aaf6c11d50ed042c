"""The far end of a codec's line by itself: raw commands in, the manual's lines out."""

import pytest

from hardware.contract import NEVER_MS
from hardware.sim.codec_parts import FarEnd
from hardware.sim.polycom import PolycomCodec
from hardware.sim.polycom_memory import Faults
from tests.hardware.protocols.polycom_room import as_peer


def said(codec: PolycomCodec, text: str, at_ms: int = 0, wait_ms: int = 150) -> list[str]:
    """What the codec prints when `text` is typed."""
    codec.feed(text.encode() + b"\r", at_ms)
    codec.tick(at_ms + wait_ms)
    return [line for line in codec.take()[0].decode().replace("\r", "\n").split("\n") if line]


GOLDEN = [
    ("mute near get", ["mute near off"]),
    ("mute near on", ["mute near on"]),
    ("mute near toggle", ["mute near on"]),
    ("mute near loud", ["error: command has illegal parameters"]),
    ("mute near", ["error: command needs more parameters to execute successfully"]),
    ("mute far get", ["mute far no call connected"]),
    ("mute register", ["mute registered"]),
    ("mute unregister", ["mute unregistered"]),
    ("volume get", ["volume 25"]),
    ("volume up", ["volume 26"]),
    ("volume down", ["volume 24"]),
    ("volume set 50", ["volume 50"]),
    ("volume set 51", ["error: command has illegal parameters"]),
    ("notify callstatus", ["notify callstatus success"]),
    ("notify rain", ["error: command has illegal parameters"]),
    ("notify", ["registered for 0 notifications:"]),
    ("listen video", ["listen video registered"]),
    ("listen radio", ["error: command has illegal parameters"]),
    ('echo "hello"', ['echo "hello"']),
    ("echo", ["error: command needs more parameters to execute successfully"]),
    ("wake", ["wake"]),
    ("sleep", ["sleep"]),
    ("sleep mute get", ["sleep mute off"]),
    ("sleep well", ["error: command has illegal parameters"]),
    ('dial manual 384 "10.0.0.1" h323', ["dialing 10.0.0.1"]),
    ('dial auto "10.0.0.1"', ["dialing 10.0.0.1"]),
    ("dial", ["error: command needs more parameters to execute successfully"]),
    ("hangup all", ["system is not in a call"]),
    ("hangup video", ["system is not in a call"]),
    ('hangup video "5"', ["error: connection 5 is not active"]),
    ("hangup", ["error: command needs more parameters to execute successfully"]),
    ("answer video", ["answer incoming video call failed"]),
    ("answer", ["error: command needs more parameters to execute successfully"]),
    ("callinfo all", ["system is not in a call"]),
    ("getcallstate", [f"cs: call[{slot}] inactive" for slot in range(3)]),
    ("netstats", ["system is not in a call"]),
    ("autoanswer yes", ["autoanswer yes"]),
    ("autoanswer perhaps", ["error: command has illegal parameters"]),
    ("muteautoanswer yes", ["muteautoanswercalls yes"]),
    ("muteautoanswer get", ["muteautoanswercalls no"]),
    ("audiometer off", ["audiometer off"]),
    ("audiometer chair", ["error: command has illegal parameters"]),
    ("uptime get", ["10 Days, 0 Hours, 0 Minutes"]),
    ("systemsetting get model", ['systemsetting model "RealPresence Group 700"']),
    ("systemsetting get x", ["error: command has illegal parameters"]),
    ("serialnum", ["serialnum 82140E0A1234CN"]),
    ("version", ["version 6.2.1"]),
    ("preset near set 3", ["preset near set 3"]),
    ("preset near go 100", ["error: command has illegal parameters"]),
    ("camera near getposition", ['camera near position "0" "0" "0"']),
    ("mpautoanswer get", ["mpautoanswer no"]),
    ("mpautoanswer donotdisturb", ["mpautoanswer donotdisturb"]),
    ("mpmode perhaps", ["error: command has illegal parameters"]),
    ("audiotransmitlevel get", ["audiotransmitlevel 0"]),
    ("audiotransmitlevel up", ["audiotransmitlevel 1"]),
    ("audiotransmitlevel set -5", ["audiotransmitlevel -5"]),
    ("audiotransmitlevel set 99", ["error: command has illegal parameters"]),
    ("lanport get", ["lanport auto"]),
    ("lanport 100", ["error: command has illegal parameters"]),
    ("systemname get", ['systemname "Diem cau"']),
    ("gendial #", ["gendial #"]),
    ("gendial 12", ["error: command has illegal parameters"]),
    ("button up select", ["button up select"]),
    ("button", ["error: command has illegal parameters"]),
    ('calendarmeetings list "today"', ["calendarmeetings list begin", "calendarmeetings list end"]),
    ("calendarmeetings info", ["error: command has illegal parameters"]),
    ("camera near move left", []),
    ("camera near stop", []),
    ("camera near source", ["camera near source 1"]),
    ("camera near tracking get", ["camera near tracking off"]),
    ("camera far 2", ["error: command has illegal parameters"]),
    ("vcbutton source get", ["vcbutton source get none", "vcbutton source get succeeded"]),
    ("vcbutton get", ["vcbutton stop", "vcbutton get succeeded"]),
    ("vcbutton register", ["vcbutton registered"]),
    ("reboot", ["are you sure? (y/n)"]),
    ("rain register", ["error: command not found"]),
    ("rain", ["error: command not found"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "lines"), GOLDEN)
def test_golden_replies(text: str, lines: list[str]) -> None:
    assert said(PolycomCodec(1), text) == lines


def test_it_is_a_peer_that_sleeps_without_work() -> None:
    assert as_peer(PolycomCodec(1)).wake_ms == NEVER_MS


def test_the_banner_and_the_status_block() -> None:
    codec = PolycomCodec(1)
    banner = said(codec, "whoami")
    assert banner[0].startswith("Hi, my name is : ")
    assert "Model:               RealPresence Group 700" in banner
    assert banner[-1].startswith("SNMP Enabled:")
    status = said(codec, "status", 1_000)
    assert (status[0], status[-1]) == ("inacall offline", "status end")


def test_all_register_names_each() -> None:
    assert "popupinfo registered" in said(PolycomCodec(1), "all register")


def test_registrations_outlive_the_power() -> None:
    codec = PolycomCodec(1)
    said(codec, "notify callstatus")
    codec.mains(False, 1_000)
    codec.mains(False, 1_500)
    codec.mains(True, 2_000)
    assert said(codec, "wake", 2_100) == []
    assert 62_000 <= codec.wake_ms <= 122_000
    codec.tick(200_000)
    assert b"Hi, my name is" in codec.take()[0]
    assert said(codec, "notify callstatus", 201_000) == ["info: event/notification already active:callstatus"]
    assert said(codec, "notify", 202_000) == ["registered for 1 notifications:callstatus"]


def test_a_call_goes_through_its_states() -> None:
    codec = PolycomCodec(1)
    for at_ms, text in ((0, "callstate register"), (300, "notify callstatus")):
        said(codec, text, at_ms)
    lines = said(codec, 'dial manual 768 "10.0.0.1" h323', 1_000, 10_000)
    words = [line.split("state[")[1].rstrip("]") for line in lines if line.startswith("cs:") and "chan[0]" in line]
    assert words == ["ALLOCATED", "RINGING", "CONNECTING", "CONNECTED", "COMPLETE"]
    assert [line.split(":")[6] for line in lines if "callstatus" in line] == [
        "opened",
        "ringing",
        "connecting",
        "connected",
    ]
    assert any(line.startswith("active: call[") for line in lines)
    assert said(codec, "callinfo all", 20_000)[1].endswith(":10.0.0.1:768:connected:notmuted:outgoing:videocall")
    call_id = next(iter(codec.unit.calls.table))
    assert said(codec, f'callinfo callid "{call_id}"', 20_500)[0].startswith(f"callinfo:{call_id}:")
    assert said(codec, "callinfo callid 1", 20_700) == ["error: connection is not active"]
    assert "state[connected]" in said(codec, "getcallstate", 21_000)[0]
    assert said(codec, "netstats", 21_500)[0].startswith("call:1 txrate:768k rxrate:768k pktloss:0 %pktloss:0.00%")
    assert said(codec, "mute far get", 22_000) == ["mute far off"]
    ended = said(codec, f'hangup video "{call_id}"', 23_000, 5_000)
    assert f"cleared: call[{call_id}]" in ended
    assert f"ended: call[{call_id}]" in ended


def test_commands_are_lost_during_the_set_up_and_hang_up_is_not() -> None:
    codec = PolycomCodec(1)
    codec.person_dials("10.0.0.1", 0)
    assert said(codec, "volume get", 500) == []
    assert list(codec.lost_in_setup) == ["volume get"]
    assert said(codec, "hangup all", 1_000) == ["hanging up all"]


def test_a_call_taken_by_itself_mutes_where_so_set() -> None:
    codec = PolycomCodec(1)
    for at_ms, text in enumerate(("autoanswer yes", "muteautoanswer yes", "mute register")):
        said(codec, text, at_ms * 300)
    codec.ring("10.0.0.2", 1_000, name="Hue")
    codec.tick(5_000)
    assert codec.unit.muted
    assert codec.unit.calls.connected
    assert b"mute near on" in codec.take()[0]


def test_a_call_that_nobody_takes_ends() -> None:
    codec = PolycomCodec(1)
    codec.far_end(FarEnd(gives_up_ms=5_000))
    codec.ring("10.0.0.2", 0)
    codec.tick(20_000)
    assert not codec.unit.calls.table


def test_who_is_dark_or_hung_hears_nobody() -> None:
    codec = PolycomCodec(1, on=False)
    assert codec.ring("10.0.0.2", 0) == codec.person_dials("10.0.0.2", 0) == -1
    codec.person_mutes(True, 0)
    codec.person_wakes(False, 0)
    codec.reboot(0)
    assert (codec.unit.muted, codec.unit.asleep, codec.wake_ms) == (False, False, NEVER_MS)
    hung = PolycomCodec(1)
    hung.hang()
    assert said(hung, "wake") == []
    hung.person_turns_volume(3, 1_000)
    hung.person_recalls(3, 1_000)
    hung.tick(5_000)
    assert hung.take()[0] == b""


def test_the_three_queries_that_wake_a_sleeper() -> None:
    codec = PolycomCodec(1)
    codec.person_wakes(False, 0)
    said(codec, "vcbutton source get", 1_000)
    assert not codec.unit.asleep
    assert codec.unit.woken_by_query == 1


def test_sleep_ends_the_call() -> None:
    codec = PolycomCodec(1)
    codec.person_dials("10.0.0.1", 0)
    codec.tick(10_000)
    codec.person_wakes(False, 11_000)
    codec.tick(20_000)
    assert not codec.unit.calls.table


def test_login_by_name_and_password() -> None:
    codec = PolycomCodec(1, user="admin", password="x")
    codec.tick(0)
    codec.ask_login(0)
    assert codec.take()[0] == b"User: "
    assert said(codec, "admin", 100) == ["Password: "]
    assert said(codec, "wrong", 200) == ["-- login failed, retry --", "User: "]
    said(codec, "admin", 300)
    assert said(codec, "x", 400)[0].startswith("Hi, my name is")
    assert said(codec, "volume get", 700) == ["volume 25"]


def test_a_restart_asks_for_the_password_again() -> None:
    codec = PolycomCodec(1, password="x")
    said(codec, "x")
    said(codec, "reboot now", 1_000)
    codec.tick(200_000)
    assert codec.take()[0] == b"Password: "


def test_an_update_is_called_off_when_somebody_wakes_it() -> None:
    codec = PolycomCodec(1, faults=Faults(update_after_sleep=True))
    said(codec, "sleep")
    codec.tick(1_000)
    codec.person_wakes(True, 5_000)
    codec.tick(400_000)
    assert codec.unit.software == "6.2.1"


def test_lag_hands_an_answer_out_with_the_next_command() -> None:
    codec = PolycomCodec(1, faults=Faults(lag=True))
    assert said(codec, "volume get") == []
    assert said(codec, "mute near get", 1_000) == ["volume 25"]


def test_late_echoes_come_two_exchanges_late() -> None:
    codec = PolycomCodec(1, faults=Faults(late_echo=True))
    said(codec, "volume get")
    said(codec, "wake", 500)
    assert "-> volume get" in said(codec, "mute near get", 1_000)


def test_too_fast_is_counted() -> None:
    codec = PolycomCodec(1)
    said(codec, "wake")
    said(codec, "wake", 150)
    assert codec.too_fast == 1


def test_settings_are_kept_over_its_power_and_a_deaf_one_only_says_so() -> None:
    codec = PolycomCodec(1)
    said(codec, "mpmode discussion")
    said(codec, "audiotransmitlevel set 3", 300)
    codec.mains(False, 1_000)
    codec.mains(True, 2_000)
    codec.tick(200_000)
    codec.take()
    assert said(codec, "mpmode get", 201_000) == ["mpmode discussion"]
    assert said(codec, "audiotransmitlevel down", 202_000) == ["audiotransmitlevel 2"]
    codec.faults.deaf = True
    assert said(codec, "mpmode auto", 203_000) == ["mpmode auto"]
    assert said(codec, "audiotransmitlevel up", 204_000) == ["audiotransmitlevel 3"]
    assert said(codec, "mpmode get", 205_000) == ["mpmode discussion"]
    assert said(codec, "audiotransmitlevel get", 206_000) == ["audiotransmitlevel 2"]
