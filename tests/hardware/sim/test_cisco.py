"""The far end of a Cisco codec, byte for byte as the guides print it, and its faults."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import NEVER_MS
from hardware.sim.cisco import CiscoCodec
from hardware.sim.cisco_tree import VOLATILE, rows
from hardware.sim.codec_parts import FarEnd

WELCOME = "Welcome to Phong hop\r\nCisco Codec Release ce9.15.3.26 2021-03-01\r\nSW Release Date: 2021-03-01\r\n"


class Port:
    """A port, and time that goes on."""

    def __init__(self, far: CiscoCodec, quiet: bool = True) -> None:
        self.far, self.now = far, 0
        if quiet:
            self.say("echo off")

    def say(self, text: str, end: str = "\r", ms: int = 100) -> str:
        """One command; what came within `ms`."""
        self.far.feed((text + end).encode(), self.now)
        return self.wait(ms)

    def wait(self, ms: int) -> str:
        self.now += ms
        self.far.tick(self.now)
        return self.far.take()[0].decode("utf-8", "replace")


@pytest.fixture
def port() -> Port:
    return Port(CiscoCodec(1))


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("xStatus Audio Volume", "\r\n*s Audio Volume: 50\r\n** end\r\n\r\nOK\r\n\r\n"),
        ("xstatus /audio/volume", "\r\n*s Audio Volume: 50\r\n** end\r\n\r\nOK\r\n\r\n"),
        ("xStatus // Volume", "\r\n*s Audio Volume: 50\r\n** end\r\n\r\nOK\r\n\r\n"),
        (
            'xStatus SystemUnit ProductId | resultId="a 7"',
            '\r\n*s SystemUnit ProductId: "Cisco TelePresence SX20"\r\n** resultId: "a 7"\r\n** end\r\n'
            "\r\nOK\r\n\r\n",
        ),
        ("xStatus Call", "\r\n** end\r\n\r\nOK\r\n\r\n"),
        (
            "xConfiguration Conference AutoAnswer Mode",
            "\r\n*c xConfiguration Conference AutoAnswer Mode: Off\r\n** end\r\n\r\nOK\r\n\r\n",
        ),
        ("xConfiguration Conference AutoAnswer Mode: on", "\r\n** end\r\n\r\nOK\r\n\r\n"),
        ('xConfiguration SystemUnit Name: "Ninh Binh"', "\r\n** end\r\n\r\nOK\r\n\r\n"),
        ("xFeedback Register /Status/Call", "\r\n** end\r\n\r\nOK\r\n\r\n"),
        ("xCommand Audio Microphones Mute", "\r\nOK\r\n*r MicrophonesMuteResult (status=OK)\r\n** end\r\n\r\n"),
        (
            "xCommand Dila",
            'ERROR\r\n*r Result (status=Error):\r\n*r Result Reason: "Unknown command"\r\n'
            '*r Result XPath: "/dila"\r\n** end\r\n\r\n',
        ),
        ("xCommand Dial", "\r\nOK\r\n*r DialResult (status=ParameterError)\r\n** end\r\n\r\n"),
        ("", "OK\r\n"),
        ("xPreferences outputmode terminal", "\r\nOK\r\n\r\n"),
    ],
)
def test_replies(port: Port, command: str, reply: str) -> None:
    assert port.say(command) == reply


@pytest.mark.parametrize("command", ["xStatus Audio Foo", "xConfiguration Foo", "xFeedback Dance", "dance"])
def test_what_it_does_not_know_is_an_error(port: Port, command: str) -> None:
    assert port.say(command).startswith("ERROR\r\n*r Result (status=Error):\r\n")


@pytest.mark.parametrize(
    "command",
    [
        "xConfiguration Conference AutoAnswer Mode: Perhaps",
        "xPreferences outputmode morse",
        "xCommand Call Disconnect CallId: 77",
        "xCommand Call Accept",
        "xCommand Audio Volume Set Level: 101",
        "xCommand Audio Volume Set Level: --1",
        "xCommand Camera Preset Activate PresetId: 7",
        "xCommand Camera Ramp CameraId: 1 Pan: Sideways",
        "xCommand Call DisconnectAll",
    ],
)
def test_what_it_does_not_do(port: Port, command: str) -> None:
    assert "(status=OK)" not in port.say(command)


def test_the_echo_is_on_until_it_is_switched_off() -> None:
    port = Port(CiscoCodec(1), quiet=False)
    assert port.say("xStatus Audio Volume").startswith("xStatus Audio Volume\r\n\r\n*s Audio")
    assert port.say("echo off") == "echo off\r\n\r\nOK\r\n\r\n"
    assert port.say("echo on") == "\r\nOK\r\n\r\n"
    assert port.say("xFeedback List").startswith("xFeedback List\r\n")


def test_lines_may_end_as_they_like() -> None:
    for end in ("\r", "\n", "\r\n"):
        assert Port(CiscoCodec(1)).say("xStatus Audio Volume", end).count("OK") == 1
    far = CiscoCodec(1)
    far.faults.lf = True
    assert Port(far).say("xStatus Audio Volume") == "\n*s Audio Volume: 50\n** end\n\nOK\n\n"


def test_a_line_end_in_two_pieces_is_one() -> None:
    port = Port(CiscoCodec(1))
    port.far.feed(b"xStatus Audio Volume\r", port.now)
    port.far.feed(b"\n", port.now)
    assert port.wait(200).count("OK") == 1


def test_login_and_greeting() -> None:
    port = Port(CiscoCodec(1, password="p"), quiet=False)
    assert port.say("") == "\r\nlogin: "
    assert port.say("admin") == "admin\r\nPassword: "
    assert port.say("x") == "\r\nLogin incorrect\r\n\r\nlogin: "
    assert port.far.failed_logins == 1
    port.say("admin")
    assert port.say("p") == "\r\n" + WELCOME + "*r Login successful\r\n\r\nOK\r\n\r\n"


def test_a_restart_prints_boot_noise_and_asks_again() -> None:
    port = Port(CiscoCodec(1, password="p", boot_ms=(1_000, 1_000)), quiet=False)
    port.far.reboot(port.now)
    assert port.say("xStatus Call") == ""
    said = port.wait(2_000)
    assert said.startswith("U-Boot")
    assert said.endswith("\r\nlogin: ")
    open_port = Port(CiscoCodec(1, boot_ms=(1_000, 1_000)))
    open_port.say("xFeedback Register /Status/Audio")
    assert open_port.say("xCommand SystemUnit Boot Action: Restart").startswith("\r\nOK\r\n*r SystemUnitBoot")
    assert "*r Login successful" in open_port.wait(3_000)
    assert open_port.far.shell.registered == []


def test_feedback_only_of_what_was_registered_and_once() -> None:
    port = Port(CiscoCodec(1))
    for path in ("/Status/Audio", "status audio volume", "/Event/CallDisconnect"):
        port.say(f"xFeedback Register {path}")
    paths = "/Status/Audio\r\n/status/audio/volume\r\n/Event/CallDisconnect\r\n"
    assert port.say("xFeedback List") == f"\r\n{paths}\r\nOK\r\n\r\n"
    port.far.person_mutes(True, port.now)
    assert port.wait(10) == "*s Audio Microphones Mute: On\r\n** end\r\n\r\n"
    port.far.person_turns_volume(7, port.now)
    assert port.wait(10) == "*s Audio Volume: 14\r\n** end\r\n\r\n"
    port.say("xFeedback Deregister /Status/Audio")
    port.far.person_mutes(False, port.now)
    assert port.wait(10) == ""
    port.say("xFeedback DeregisterAll")
    assert port.say("xFeedback List") == "\r\n\r\nOK\r\n\r\n"


def test_registrations_are_limited() -> None:
    port = Port(CiscoCodec(1))
    replies = [port.say(f"xFeedback Register /Status/Audio{n}") for n in range(39)]
    assert [reply.startswith("ERROR") for reply in replies] == [False] * 38 + [True]


def test_a_call_from_dialling_to_its_ghost() -> None:
    port = Port(CiscoCodec(1))
    for path in ("/Status/Call", "/Event"):
        port.say(f"xFeedback Register {path}")
    said = port.say('xCommand Dial Number: "a@example.com" Protocol: Sip CallRate: 768', ms=10_000)
    words = [line.split(": ")[1] for line in said.split("\r\n") if line.startswith("*s Call 3 Status")]
    assert words == ["Dialling", "Connecting", "Ringing", "Connecting", "Connected"]
    assert "*r DialResult (status=OK):\r\n*r DialResult CallId: 3\r\n" in said
    port.say("xCommand Audio Microphones Mute")
    said = port.say("xCommand Call Disconnect CallId: 3", ms=3_000)
    assert "*s Call 3 Status: Disconnecting\r\n" in said
    assert said.endswith("*s Call 3 (ghost=True):\r\n** end\r\n\r\n")
    assert not port.far.unit.muted


def test_why_a_call_ended() -> None:
    port = Port(CiscoCodec(1))
    port.say("xFeedback Register /Event/CallDisconnect")
    port.far.far_end(FarEnd(answers=False, gives_up_ms=500))
    said = port.say('xCommand Dial Number: "a"', ms=5_000)
    assert '*e CallDisconnect CauseType: "RemoteNoAnswer"\r\n' in said
    assert "*e CallDisconnect CallId: 3\r\n** end\r\n" in said


def test_the_same_in_json() -> None:
    port = Port(CiscoCodec(1))
    port.say("xFeedback Register /Status/Call")
    assert port.say("xPreferences outputmode json") == ""
    assert json.loads(port.say('xStatus Audio | resultId="1"')) == {
        "Status": {"Audio": {"Microphones": {"Mute": {"Value": "Off"}}, "Volume": {"Value": "50"}}},
        "ResultId": "1",
    }
    assert json.loads(port.say('xStatus Call | resultId="2"')) == {"Status": {}, "ResultId": "2"}
    assert json.loads(port.say('xConfiguration Standby Delay: 20 | resultId="3"')) == {"ResultId": "3"}
    assert json.loads(port.say('xConfiguration Standby Delay | resultId="4"')) == {
        "Configuration": {"Standby": {"Delay": {"Value": "20"}}},
        "ResultId": "4",
    }
    assert json.loads(port.say('xCommand Dila | resultId="8"')) == {
        "CommandResponse": {
            "Result": {"status": "Error", "Reason": {"Value": "Unknown command"}, "XPath": {"Value": "/dila"}}
        },
        "ResultId": "8",
    }
    port.far.ring("10.1.0.1", port.now)
    told = json.loads(port.wait(10))["Status"]["Call"][0]
    assert (told["id"], told["Status"], told["Direction"]) == ("3", {"Value": "Ringing"}, {"Value": "Incoming"})
    port.far.far_end_hangs_up(port.now)
    assert port.wait(5_000).endswith(
        '{\r\n  "Status": {\r\n    "Call": [\r\n      {\r\n        "id": "3",\r\n        "ghost": "True"\r\n'
        "      }\r\n    ]\r\n  }\r\n}\r\n"
    )


def test_a_command_with_a_body_is_answered_once() -> None:
    port = Port(CiscoCodec(1))
    command = 'xCommand UserInterface Message Alert Display Text: "a" | resultId="1"\nbody\nxStatus Call\n'
    said = port.say(f"{{{len(command)}}} \n{command}", end="xStatus Audio Volume\n")
    assert said.count("** resultId") == 1
    assert said.count("*s Audio Volume") == 1
    assert "AlertDisplayResult (status=OK)" in said


def test_standby_by_command_by_its_timer_and_not_in_a_call() -> None:
    port = Port(CiscoCodec(1))
    port.say("xFeedback Register /Status/Standby")
    said = port.say("xCommand Standby Activate", ms=3_000)
    assert said.index("EnteringStandby") < said.index("*s Standby State: Standby")
    assert "*s Standby State: Halfwake" in port.say("xCommand Standby Halfwake", ms=3_000)
    assert "*s Standby State: Off" in port.say("xCommand Standby Deactivate", ms=3_000)
    assert "*s Standby State: Standby" in port.wait(601_000)
    port.say("xCommand Standby Deactivate", ms=1_000)
    port.say("xCommand Standby ResetTimer Delay: 30")
    assert port.wait(1_700_000) == ""
    assert "*s Standby State: Standby" in port.wait(200_000)
    port.far.ring("10.1.0.1", port.now)
    assert "*s Standby State: Off" in port.wait(10)
    assert "(status=Error)" in port.say("xCommand Standby Activate")
    old = Port(CiscoCodec(1, software="TC7.3.11"))
    assert old.say("xStatus Standby") == "\r\n*s Standby Active: Off\r\n** end\r\n\r\nOK\r\n\r\n"


def test_auto_answer_closes_the_microphone_where_it_is_set_and_takes_no_second_call() -> None:
    port = Port(CiscoCodec(1))
    port.far.auto_answer(True)
    port.say("xConfiguration Conference AutoAnswer Mute: On")
    port.far.ring("10.1.0.1", port.now)
    port.wait(5_000)
    assert (port.far.in_call, port.far.unit.muted) == (True, True)
    port.far.ring("10.1.0.2", port.now)
    port.wait(5_000)
    assert [call.state for call in port.far.unit.calls.table.values()] == ["connected", "ringing"]
    port.wait(60_000)
    assert len(port.far.unit.calls.table) == 1


def test_the_camera_travels_and_remembers() -> None:
    port = Port(CiscoCodec(1))
    port.say("xCommand Camera PositionSet CameraId: 1 Pan: 100 Tilt: 20 Zoom: 30", ms=2_000)
    port.say("xCommand Camera Preset Store CameraId: 1 PresetId: 3")
    assert "*r CameraPresetListResult Preset 1 PresetId: 3" in port.say("xCommand Camera Preset List")
    port.say("xCommand Camera Ramp CameraId: 1 Pan: Left PanSpeed: 5", ms=500)
    port.say("xCommand Camera Ramp CameraId: 1 Pan: Stop Tilt: Stop Zoom: Stop", ms=500)
    stopped = port.say("xStatus Cameras Camera 1 Position")
    assert "Position Pan: 100" not in stopped
    assert port.say("xStatus Cameras Camera Position") == stopped
    port.say("xCommand Camera Preset Activate PresetId: 3", ms=5_000)
    assert "Position Pan: 100\r\n" in port.say("xStatus Cameras Camera 1 Position")


def test_a_deaf_codec_acknowledges_all_and_does_nothing() -> None:
    port = Port(CiscoCodec(1))
    port.say("xCommand Camera Preset Store CameraId: 1 PresetId: 1")
    port.far.ring("10.1.0.1", port.now)
    port.wait(10)
    port.far.faults.deaf = True
    before = [row for row in rows(port.far.unit) if not set(row.path) & set(VOLATILE)]
    for command in (
        "xCommand Audio Microphones Mute",
        "xCommand Audio Volume Set Level: 3",
        "xCommand Call Accept",
        "xCommand Call Disconnect",
        'xCommand Dial Number: "a"',
        "xCommand Standby Deactivate",
        "xCommand Camera Preset Activate PresetId: 1",
        "xCommand Camera Preset Store CameraId: 1 PresetId: 2",
        "xCommand Camera Ramp CameraId: 1 Pan: Left",
        "xCommand Camera PositionSet CameraId: 1 Pan: 1 Tilt: 1 Zoom: 1",
        "xCommand Camera PositionReset CameraId: 1",
    ):
        assert "(status=OK)" in port.say(command), command
    assert "\r\nOK\r\n" in port.say("xConfiguration Standby Delay: 7")
    after = [row for row in rows(port.far.unit) if not set(row.path) & set(VOLATILE)]
    assert (before, port.far.unit.settings.get("Standby", "Delay")) == (after, "10")


def test_faults_of_printing() -> None:
    far = CiscoCodec(1)
    port = Port(far)
    far.faults.no_tags = far.faults.no_end = True
    assert port.say('xStatus Audio Volume | resultId="1"') == "\r\n*s Audio Volume: 50\r\n\r\nOK\r\n\r\n"
    far.faults.no_tags = far.faults.no_end = False
    far.faults.interleave = True
    assert port.say("xCommand Audio Microphones Mute").startswith("*s RoomAnalytics AmbientNoise Level A: 38\r\n")
    far.faults.interleave, far.faults.lag_ms = False, 3_000
    assert port.say("xStatus Audio Volume") == ""
    assert "*s Audio Volume" in port.wait(3_000)
    far.faults.lag_ms, far.faults.half_json = 0, 1
    port.say("xPreferences outputmode json")
    half = port.say("xStatus Audio")
    assert half.startswith("{")
    assert half.count("{") > half.count("}")
    far.faults.refuse["xstatus audio"] = "Busy"
    assert json.loads(port.say("xStatus Audio"))["CommandResponse"]["Result"]["Reason"] == {"Value": "Busy"}
    far.faults.unknown = frozenset({"xstatus"})
    assert "Unknown command" in port.say("xStatus Audio")


def test_dark_booting_and_hung_it_says_nothing() -> None:
    port = Port(CiscoCodec(1, boot_ms=(5_000, 5_000)))
    far = port.far
    far.hang()
    assert port.say("xStatus Call") == ""
    assert (far.ring("1", port.now), far.person_dials("1", port.now)) == (-1, -1)
    far.person_mutes(True, port.now)
    far.person_wakes(False, port.now)
    far.mains(False, port.now)
    far.mains(False, port.now)
    far.reboot(port.now)
    assert (far.up, far.powered, far.wake_ms) == (False, False, NEVER_MS)
    far.mains(True, port.now)
    assert port.say("xStatus Call") == ""
    port.wait(6_000)
    assert far.up
    assert "** end" in port.say("xStatus Call")


def test_what_outlives_the_power() -> None:
    port = Port(CiscoCodec(1, boot_ms=(1_000, 1_000)))
    port.say("xConfiguration Conference AutoAnswer Mode: On")
    port.say("xCommand Camera Preset Store CameraId: 1 PresetId: 9")
    port.say("xCommand Audio Microphones Mute")
    port.far.mains(False, port.now)
    port.far.mains(True, port.now)
    port.wait(2_000)
    unit = port.far.unit
    assert (unit.settings.get("AutoAnswer", "Mode"), list(unit.head.presets), unit.muted) == ("On", [9], False)


def test_the_same_seed_gives_the_same_bytes() -> None:
    def life(seed: int) -> str:
        far = CiscoCodec(seed)
        far.faults.noise = far.faults.noise + 0.5
        far.faults.split = True
        port = Port(far)
        return "".join(port.say('xCommand Dial Number: "a"', ms=1_000) for _ in range(3))

    assert life(1) == life(1) != life(2)


@given(st.lists(st.binary(max_size=60), max_size=30))
def test_any_bytes_never_raise(chunks: list[bytes]) -> None:
    far = CiscoCodec(1)
    for now, data in enumerate(chunks):
        far.feed(data, now * 50)
        far.feed(b"xCommand " + data + b"\rxStatus " + data + b"\rxConfiguration " + data + b": 1\r", now * 50)
        far.tick(now * 50)
        far.take()
