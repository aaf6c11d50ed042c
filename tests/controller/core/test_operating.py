"""R26 and the desk's text: the roll-call sheet with who ticked what, and the answer by TRỰC."""

from __future__ import annotations

import json
from typing import Any

from controller.core.buzzer import buzzer
from controller.core.lamps import lamps
from controller.core.report import details, summary
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, a_meeting, a_room

HELLO = "Xin chờ ít phút"


def meeting(hour: float = 7.3, **kind: Any) -> Day:
    return Day(6.5, a_room(buzzer="buzzer")).calendar(a_meeting(8, 10, **kind)).to(hour)


def sheet(day: Day) -> Any:
    return details(day.state, day.now, day.room)["rollcall"]


# ---- R26


def test_the_roll_call_is_due_from_t_45_to_t_15() -> None:
    day = meeting(7.2)
    assert sheet(day)["due"] is False
    assert sheet(day.to(7.26))["due"] is True
    assert sheet(day.to(7.76))["due"] is False
    assert sheet(day.to(10.1)) == {}


def test_what_the_machine_doubts_stands_first() -> None:
    day = Day(6.5)
    day.far.dead.add("camera")
    found = sheet(day.calendar(a_meeting(8, 10)).to(7.4))["found"]
    verdicts = [verdict for _, verdict in found]
    assert verdicts == sorted(verdicts, key=("failed", "not_made", "not_due", "passed", "not_applicable").index)
    assert found[0][1] in ("failed", "not_made")
    assert "passed" in verdicts
    assert sheet(day)["doubtful"] >= 1


def test_ticks_are_kept_with_who_and_the_later_word_counts() -> None:
    day = meeting()
    day.command("rollcall", "sound_out", "bad")
    day.command("rollcall", "picture_in", "ok")
    day.command("rollcall", "sound_out", "ok")
    assert sheet(day)["ticked"] == (("picture_in", "ok", "desk"), ("sound_out", "ok", "desk"))
    assert len(day.told("noted", "rollcall.giao-ban")) == 3
    day.restart("b2")
    assert len(sheet(day)["ticked"]) == 2


def test_there_is_no_sheet_without_a_meeting() -> None:
    assert Day(15).command("rollcall", "sound_out", "ok").code == "not_in_meeting"
    assert sheet(Day(15)) == {}
    assert sheet(meeting(secret=True)) == {}


# ---- a line of text


def test_a_text_beeps_once_is_shown_and_answered_by_the_button() -> None:
    day = meeting().press("duty", 300).run(MINUTE_MS)
    assert lamps(day.state, day.now, day.room)["duty"] == "steady"
    assert day.command("message", HELLO, id="m1").stage == "accepted"
    assert buzzer(day.state, day.now, day.room) == "beep"
    panel: Any = details(day.state, day.now, day.room)["panel"]
    assert panel["holds"]["message"] == HELLO
    assert summary(day.state, day.now, day.room)["message"] == "unanswered"
    assert lamps(day.state, day.now, day.room)["duty"] == "slow"
    day.run(MINUTE_MS).press("duty", 300)
    assert (day.replies[-1].id, day.replies[-1].stage) == ("m1", "done")
    assert [row["subject"] for row in day.told("message.answered")] == ["m1"]
    assert summary(day.state, day.now, day.room)["message"] is None
    assert lamps(day.state, day.now, day.room)["duty"] == "steady"


def test_the_answer_is_given_once_and_a_repeat_of_the_command_gets_its_own() -> None:
    day = meeting()
    day.command("message", HELLO, id="m1")
    day.press("duty", 300).press("duty", 300)
    assert len(day.told("message.answered")) == 1
    assert day.command("message", HELLO, id="m1").stage == "accepted"
    assert "message" not in day.state.holds


def test_the_later_text_replaces_the_earlier_and_none_is_for_tomorrow() -> None:
    day = meeting()
    day.command("message", HELLO, id="m1")
    day.command("message", "Mời bật micro", id="m2")
    assert day.state.holds["message"].value == "Mời bật micro"
    assert "message" not in day.to(12).state.holds


def test_a_secret_meeting_keeps_no_line_of_it() -> None:
    day = meeting(secret=True)
    first = len(day.records)
    day.command("message", HELLO, id="m1")
    day.run(MINUTE_MS).press("duty", 300)
    text = json.dumps([(r.kind, r.subject, r.body) for _, r in day.records[first:]], ensure_ascii=False)
    assert "message" not in text
    assert HELLO not in text
    assert (day.replies[-1].stage, day.replies[-1].code) == ("refused", "secret_meeting"), "and nobody was asked"


def test_in_a_secret_meeting_the_desk_hears_that_its_text_is_not_shown() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10, secret=True)).to(7.5)
    answer = day.command("message", HELLO, id="m1")
    assert (answer.stage, answer.code) == ("refused", "secret_meeting")
    assert "message" not in day.state.holds
    assert HELLO not in str(details(day.state, day.now, day.room))
    assert day.to(10.7).command("message", HELLO, id="m2").stage == "accepted", (
        "after its grace it is a text as any"
    )


def test_in_an_external_meeting_the_text_is_read_on_the_phone_page() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10, external=True)).to(8.1)
    assert day.command("message", HELLO, id="m1").stage == "accepted"
    holds = details(day.state, day.now, day.room)["panel"]["holds"]
    assert isinstance(holds, dict)
    assert holds["message"] == HELLO


def test_a_text_from_before_a_secret_meeting_is_not_shown_in_it() -> None:
    day = Day(6.0).calendar(a_meeting(8, 10, secret=True))
    assert day.command("message", HELLO, id="m1").stage == "accepted"
    assert HELLO in str(details(day.state, day.now, day.room))
    day.to(7.5)
    assert HELLO not in str(details(day.state, day.now, day.room))
