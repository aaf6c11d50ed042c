"""Calls, figures of a call, the login, and which block answers which command."""

from __future__ import annotations

import pytest

from hardware.protocols.cisco_blocks import Block, Blocks, Flying, judge
from hardware.protocols.cisco_calls import MAX_CALLS, CiscoCalls
from hardware.protocols.cisco_lines import PieceReader
from hardware.protocols.cisco_login import AGAIN_MS, CiscoLogin
from hardware.protocols.cisco_media import Media
from hardware.protocols.cisco_models import CE, TC, dialect_of
from hardware.protocols.cisco_parse import Told, Word, parse
from hardware.protocols.script import Ask, Reply


def told(*lines: str) -> list[Told]:
    return [heard for line in lines for heard in parse(f"*s {line}") if isinstance(heard, Told)]


def calls(*lines: str) -> CiscoCalls:
    table = CiscoCalls()
    for line in told(*lines):
        table.hear(line)
    return table


# Calls.


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Dialling", "connecting"),
        ("Ringing", "ringing"),
        ("Connecting", "connecting"),
        ("EarlyMedia", "connecting"),
        ("Connected", "connected"),
        ("OnHold", "connected"),
        ("Preserved", "connected"),
        ("Idle", "connecting"),
        ("Dancing", "connecting"),
    ],
)
def test_states_of_a_call(word: str, state: str) -> None:
    assert calls(f"Call 3 Status: {word}").value() == (("3", "", state, "", ""),)


def test_a_call_from_its_fields_in_any_order() -> None:
    table = calls(
        "Call 3 CallType: Video",
        'Call 3 CallbackNumber: "sip:a@example.com"',
        "Call 3 Direction: Outgoing",
        "Call 3 Duration: 12",
        "Call 3 ReceiveCallRate: 768",
        "Call 3 Status: Connected",
    )
    assert table.value() == (("3", "out", "connected", "a@example.com", "video"),)
    assert table.rate_kbps == 768
    for line in told('Call 3 RemoteNumber: "h323:10.1.0.1"', 'Call 3 CallbackNumber: "x"', "Call 3 Direction: Up"):
        table.hear(line)
    assert table.value()[0] == ("3", "out", "connected", "10.1.0.1", "video")


def test_the_end_of_a_call_is_its_ghost_alone() -> None:
    table = calls("Call 3 Status: Connected", "Call 3 Status: Disconnecting", "Call 3 Encryption (ghost=True):")
    assert (table.connected, table.settling, table.has("all")) == (True, True, True)
    table.hear(told("Call 3 (ghost=True):")[0])
    assert (table.ids(), table.ended("3"), table.ended("4")) == (frozenset(), True, False)


def test_a_whole_list_ends_what_it_does_not_name_and_half_a_list_does_not() -> None:
    table = calls("Call 3 Status: Connected", "Call 4 Status: Ringing")
    table.asked()
    for line in told("Call 4 Status: Ringing"):
        table.hear(line)
    table.answered(whole=False)
    assert (table.known, table.has("3")) == (False, True)
    table.answered(whole=True)
    assert (table.known, table.ids()) == (True, frozenset({"4"}))


def test_a_late_duration_is_no_call_and_noise_no_flood() -> None:
    assert calls("Call 3 Duration: 7", "Call x Status: Connected", "Call: 7").ids() == frozenset()
    assert len(calls(*(f"Call {n} Status: Connected" for n in range(50))).ids()) == MAX_CALLS


# Figures.


def media(*lines: str) -> Media:
    figures = Media()
    for line in told(*lines):
        figures.hear(line)
    return figures


def test_the_worst_channel_each_way_of_the_last_interval() -> None:
    figures = media(
        "MediaChannels Call 3 Channel 1 Direction: Incoming",
        "MediaChannels Call 3 Channel 1 Netstat LastIntervalLost: 10",
        "MediaChannels Call 3 Channel 1 Netstat LastIntervalReceived: 190",
        "MediaChannels Call 3 Channel 1 Netstat Jitter: 7",
        "MediaChannels Call 3 Channel 2 Direction: Incoming",
        "MediaChannels Call 3 Channel 2 Netstat LastIntervalLost: 0",
        "MediaChannels Call 3 Channel 2 Netstat LastIntervalReceived: 100",
        "MediaChannels Call 3 Channel 2 Netstat Jitter: 30",
        "MediaChannels Call 3 Channel 3 Direction: Outgoing",
        "MediaChannels Call 3 Channel 3 Netstat LastIntervalLost: 1",
        "MediaChannels Call 3 Channel 3 Netstat LastIntervalReceived: 1",
        "MediaChannels Call 3 Channel 4 Netstat Jitter: 99",
        "MediaChannels Call 3 Channel 4 Netstat Loss: much",
        "MediaChannels Call 3 Channel 4 (ghost=True):",
        "MediaChannels Call: 3",
    )
    assert figures.close() == {"loss_pct": 5.0, "loss_out_pct": 50.0, "jitter_ms": 30.0, "jitter_out_ms": None}
    assert set(figures.close().values()) == {None}


def sums(loss: int, packets: int, way: str = "IncomingVideoChannel") -> tuple[str, str]:
    base = f"Diagnostics Call 1 Channels {way} 1 Netstat 1"
    return f"{base} Loss: {loss}", f"{base} Packets: {packets}"


def test_sums_of_old_software_need_two_answers() -> None:
    figures = media(*sums(10, 1_000), "Diagnostics Message: 1")
    assert figures.close()["loss_pct"] is None
    for line in told(*sums(20, 1_090), *sums(0, 500, "OutgoingVideoChannel")):
        figures.hear(line)
    assert figures.close() == {"loss_pct": 10.0, "loss_out_pct": None, "jitter_ms": None, "jitter_out_ms": None}
    for line in told(*sums(0, 5)):
        # Counted from the beginning again.
        figures.hear(line)
    assert figures.close()["loss_pct"] is None


def test_without_a_number_of_the_call_and_without_end() -> None:
    figures = media("Diagnostics Call IncomingAudioChannel 1 Netstat 1 Jitter: 4")
    assert figures.close()["jitter_ms"] == 4.0
    many = media(*(f"MediaChannels Call 3 Channel {n} Netstat Jitter: 1" for n in range(200)))
    assert many.close()["jitter_ms"] is None


# The login.


def test_a_password_is_typed_once_and_told_as_refused() -> None:
    login = CiscoLogin(None, "geheim")
    assert login.answer("login", 0) == "admin"
    assert login.answer("password", 100) == "geheim"
    assert (login.state, login.locked) == ("asked", True)
    login.failed()
    assert login.state == "refused"
    assert login.answer("login", 200) is None
    assert login.answer("login", AGAIN_MS + 99) is None
    assert login.answer("login", AGAIN_MS + 100) == "admin"
    assert login.answer("password", AGAIN_MS + 200) == "geheim"
    assert login.answer("login", AGAIN_MS + 300) is None
    assert login.answer("login", 90 * AGAIN_MS) is None
    assert login.state == "refused"
    login.forget()
    assert (login.state, login.answer("login", 91 * AGAIN_MS)) == ("refused", None)
    login.anew()
    assert login.answer("login", 91 * AGAIN_MS) == "admin"


def test_success_forgives_the_tries() -> None:
    login = CiscoLogin("operator", "geheim")
    for n in range(5):
        assert login.answer("login", n) == "operator"
        assert login.answer("password", n) == "geheim"
        login.passed()
        assert (login.state, login.locked) == ("ok", False)


def test_a_password_is_never_typed_for_a_name_that_we_did_not_give() -> None:
    assert CiscoLogin(None, "geheim").answer("password", 0) == ""
    nobody = CiscoLogin("admin", None)
    assert (nobody.answer("login", 0), nobody.state, nobody.answer("password", 0)) == (None, "asked", "")


def test_the_secret_is_not_shown() -> None:
    assert "geheim" not in repr(CiscoLogin("admin", "geheim"))


# Blocks.

STATUS = Ask("xStatus Call", "call")
COMMAND = Ask("xCommand Dial Number: 1", "")
WORD = Ask("echo off", "")


def landed(ask: Ask, text: str, tag: str, tagged: bool) -> Reply | None:
    """The first reply that these lines give."""
    blocks, flying = Blocks(), Flying(tag)
    for piece in PieceReader().feed(text.encode()):
        for heard in parse(piece):
            block = blocks.hear(heard)
            subject = block or heard
            if isinstance(subject, Block | Word) and (reply := judge(ask, subject, flying, tagged)) is not None:
                return reply
    return None


VERDICT = '\nOK\n*r DialResult (status=OK):\n*r DialResult CallId: 2\n** resultId: "7"\n** end\n'
NO = 'ERROR\n*r Result (status=Error):\n*r Result Reason: "Unknown command"\n** resultId: "7"\n** end\n'
FEEDBACK = "*s Audio Volume: 7\n** end\n"


@pytest.mark.parametrize(
    ("ask", "text", "tag", "tagged", "word"),
    [
        (COMMAND, VERDICT, "7", True, "ok"),
        (COMMAND, FEEDBACK + VERDICT, "7", False, "ok"),
        (COMMAND, VERDICT, "8", True, None),
        (COMMAND, VERDICT.replace('** resultId: "7"\n', ""), "7", False, "ok"),
        (COMMAND, VERDICT.replace('** resultId: "7"\n', ""), "7", True, None),
        (COMMAND, NO, "7", True, "absent"),
        (COMMAND, NO.replace('** resultId: "7"\n', ""), "7", False, "absent"),
        (COMMAND, NO.replace("Unknown command", "Busy"), "7", True, "error"),
        (COMMAND, "OK\n*r DialResult (status=ParameterError):\n** end\n", "7", False, "error"),
        (COMMAND, FEEDBACK + "OK\n", "7", True, None),
        (STATUS, '*s Call 3 Status: Connected\n** resultId: "7"\n** end\n\nOK\n', "7", True, "ok"),
        (STATUS, "*s Call 3 Status: Connected\n** end\n\nOK\n", "7", False, "ok"),
        (STATUS, FEEDBACK + "OK\n", "7", False, None),
        (STATUS, "** end\n\nOK\n", "7", False, "ok"),
        (STATUS, "OK\n", "7", True, None),
        (STATUS, "*r StatusResult (status=Error):\n** end\n", "7", False, "error"),
        (WORD, "OK\n", "", True, "ok"),
        (WORD, FEEDBACK, "", True, None),
        (WORD, "ERROR\n", "", True, None),
    ],
)
def test_which_lines_answer_which_command(ask: Ask, text: str, tag: str, tagged: bool, word: str | None) -> None:
    reply = landed(ask, text, tag, tagged)
    assert (reply.word if reply else None) == word


def test_what_is_no_block_answers_nothing() -> None:
    assert judge(STATUS, None, Flying("7"), True) is None


def test_generations() -> None:
    assert dialect_of("TC7.3.11.1234567 2017-01-01") is TC
    assert dialect_of("ce9.15.3.26") is dialect_of("RoomOS 11.23.1.8 3963b07b5c5") is CE
