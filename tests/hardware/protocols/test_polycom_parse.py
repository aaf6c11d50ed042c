"""What each line of the manual says, and that no line raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.protocols.codec_camera import Position, Preset
from hardware.protocols.polycom_heard import (
    Banner,
    CallSeen,
    Fact,
    Heard,
    LoginFailed,
    Quality,
    Refusal,
    Ringing,
    Roll,
    Status,
)
from hardware.protocols.polycom_parse import parse

GOLDEN: list[tuple[str, Heard | None]] = [
    # Integrator's Reference Manual, and lines of a real Group 700 where the manual differs.
    ("mute near on", Fact("mute", "muted")),
    ("mute near off", Fact("mute", "open")),
    ("mute far on", None),
    ("mute registered", None),
    ("volume 33", Fact("volume", 33)),
    ("volume 51", None),
    ("volume registered", None),
    ("autoanswer yes", Fact("autoanswer", True)),
    ("autoanswer donotdisturb", Fact("autoanswer", False)),
    ("autoanswer maybe", None),
    ("listen going to sleep", Fact("asleep", True)),
    ("listen waking up", Fact("asleep", False)),
    ("listen wake up", Fact("asleep", False)),
    ("listen video ringing", Ringing()),
    ("listen video registered", None),
    ("system is not in a call", Roll("empty")),
    ("system is here", None),
    ("callinfo begin", Roll("begin")),
    ("callinfo end", Roll("end")),
    (
        "callinfo:1::1330378709@vc.example.com:384:connected:notmuted:outgoing:videocall",
        CallSeen("1", "connected", "out", "1330378709@vc.example.com", "videocall", event=False),
    ),
    (
        "callinfo:43:Polycom HDX Demo:192.168.1.101:384:connected:notmuted:outgoing:videocall",
        CallSeen("43", "connected", "out", "192.168.1.101", "videocall", event=False),
    ),
    (
        "callinfo:36:192.168.1.102:256:connected:muted:incoming:videocall",
        CallSeen("36", "connected", "in", "192.168.1.102", "videocall", event=False),
    ),
    (
        "callinfo:7:Hue:2001:db8::5:768:ringing:notmuted:incoming:audiocall",
        CallSeen("7", "ringing", "in", "2001:db8::5", "audiocall", event=False),
    ),
    (
        "callinfo:7:sip:hue@example.com:768:odd:notmuted:incoming:audiocall",
        CallSeen("7", "", "in", "sip:hue@example.com", "audiocall", event=False),
    ),
    ("callinfo:7:short", None),
    ("callinfo:7:a:b:c:connected:notmuted:sideways:videocall", None),
    (
        "cs: call[34] chan[0] dialstr[192.168.1.103] state[ALLOCATED]",
        CallSeen("34", "ringing", number="192.168.1.103"),
    ),
    (
        "cs: call[34] chan[0] dialstr[192.168.1.103] state[RINGING]",
        CallSeen("34", "ringing", number="192.168.1.103"),
    ),
    ("cs: call[34] chan[1] dialstring[10] state[BONDING]", CallSeen("34", "connecting", number="10")),
    (
        "cs: call[34] chan[0] dialstr[IP:10.0.0.1 NAME:Hue] state[CONNECTED]",
        CallSeen("34", "connecting", number="10.0.0.1"),
    ),
    ("cs: call[34] chan[0] dialstr[x] state[COMPLETE]", CallSeen("34", "connecting", number="x")),
    (
        "cs: call[34] speed[384] dialstr[192.168.1.101] state[connected]",
        CallSeen("34", "connected", number="192.168.1.101"),
    ),
    ("cs: call[0] inactive", None),
    ("cs: call[3] chan[0] state[WEIRD]", None),
    ("cs: nothing", None),
    ("active: call[34] speed[384]", CallSeen("34", "connected")),
    ("active: call[34]speed[384]", CallSeen("34", "connected")),
    ("cleared: call[34]", CallSeen("34", "ending")),
    ("ended: call[34]", CallSeen("34", "ended")),
    ("ended: all", None),
    (
        "notification:callstatus:outgoing:45:null 1::opened::0:videocall",
        CallSeen("45", "ringing", "out", "", "videocall"),
    ),
    (
        "notification:callstatus:incoming:34: Hue:192.168.1.101:connected:384:0:videocall",
        CallSeen("34", "connected", "in", "192.168.1.101", "videocall"),
    ),
    (
        "notification:callstatus:incoming:34:Hue:10.0.0.1:disconnecting:384:0:videocall",
        CallSeen("34", "ending", "in", "10.0.0.1", "videocall"),
    ),
    ("notification:callstatus:incoming:34:Hue:10.0.0.1:dancing:384:0:videocall", None),
    ("notification:callstatus:incoming::Hue:10.0.0.1:connected:384:0:videocall", None),
    ("notification:mutestatus:near:near:Hue:10.0.0.1:muted", Fact("mute", "muted")),
    ("notification:mutestatus:near:near:Hue:10.0.0.1:notmuted", Fact("mute", "open")),
    ("notification:mutestatus:near:near:Hue:10.0.0.1:half", None),
    ("notification:mutestatus:far:12:Hue:10.0.0.1:muted", None),
    ("notification:sysstatus:x:y", None),
    ("notification", None),
    (
        "call:1 txrate:128k rxrate:128k pktloss:0 %pktloss:0.00% tvp:H.263 rvp:H.263 tvf:CIF rvf:CIF tap:G.722.1",
        Quality(128, 0.0),
    ),
    ("call:2 rxrate:abc %pktloss:1.25%", Quality(None, 1.25)),
    ("call:1 tar:5", None),
    ("popupinfo: question: Hue is calling, answer?", Fact("popup", "Hue is calling, answer?")),
    ("popupinfo: choice0: Yes", None),
    ("popupinfo: answered: Yes", Fact("popup", "")),
    ("error: command not found", Refusal("error", "command not found", absent=True)),
    ("error:command not found", Refusal("error", "command not found", absent=True)),
    ("info: IP line (SIP) not enabled.", Refusal("info", "IP line (SIP) not enabled.")),
    ("Error: connection 5 is not active", Refusal("error", "connection 5 is not active")),
    ("audiometer lineinleft level peak:-20", Fact("mic_level", -20.0)),
    ("audiometer micleft 7.5", Fact("mic_level", 7.5)),
    ("audiometer micleft", None),
    ("camera near position 10 -20 30", Position(10, -20, 30)),
    ('camera near position "10" "-20" "30"', Position(10, -20, 30)),
    ("camera near getposition 1 2 3", Position(1, 2, 3)),
    ("camera near 2", None),
    ("preset near go 3", Preset("go", 3)),
    ("preset near set 12", Preset("set", 12)),
    ("preset far go 3", None),
    ('systemsetting model "RealPresence Group 700"', Fact("model", "RealPresence Group 700")),
    ("systemsetting sipregistrarserver x", None),
    ("serialnum 8214", Fact("serial", "8214")),
    ("serialnum", None),
    ("version 6.2.1", Fact("software", "6.2.1")),
    ("gatekeeper online", Status("gatekeeper", "online")),
    ("status end", Status("status", "end")),
    ("1 Hour, 0 Minutes", Fact("uptime_min", 60)),
    ("2 Days, 3 Hours, 5 Minutes", Fact("uptime_min", 2 * 1440 + 185)),
    ("in 2 Days", None),
    ("Hi, my name is : Hue", Banner(start=True)),
    ("Model:               RealPresence Group 700", Banner(fact=Fact("model", "RealPresence Group 700"))),
    ("Software Version:    6.2.1", Banner(fact=Fact("software", "6.2.1"))),
    ("Serial Number:       82", Banner(fact=Fact("serial", "82"))),
    ("Contact Number:", Banner()),
    ("Model:", Banner()),
    ("Model railway", None),
    ("SNMP Enabled:        True", Banner()),
    ("-- login failed, retry --", LoginFailed()),
    ("-- something --", None),
    ("Control event: vcbutton play", None),
    ("what is this", None),
    ("", None),
]


@pytest.mark.parametrize(("line", "heard"), GOLDEN)
def test_golden_lines(line: str, heard: Heard | None) -> None:
    assert parse(line) == heard


HEADS = sorted({line.split(" ", 1)[0].split(":", 1)[0] for line, _ in GOLDEN})


@settings(deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_read_without_raising(line: str) -> None:
    parse(line)


@settings(deadline=None)
@given(st.sampled_from(HEADS), st.text(alphabet=" :[]0123456789abcdef-.%\"'nrxgo", max_size=80))
def test_any_text_behind_a_known_word_is_read_without_raising(head: str, rest: str) -> None:
    parse(head + rest)


@settings(deadline=None)
@given(st.text(max_size=120))
def test_nothing_unknown_is_a_call_that_is_up(line: str) -> None:
    heard = parse(line)
    if isinstance(heard, CallSeen) and heard.state == "connected":
        assert line.startswith(("callinfo:", "active: call[", "cs: call[", "notification:callstatus:"))
