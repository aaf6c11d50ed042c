"""Whoever floods a room with bad messages costs it a few lines, and not one of them goes uncounted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.draft import REPLIES_KEPT
from controller.core.events import Command, Event, Rejected
from controller.core.records import Reply
from controller.core.refusals import ANSWERS, EACH_MS, FIRST, KINDS
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, a_meeting

MOST = KINDS * FIRST + FIRST + KINDS + 1
"""Lines in the time of one count, whatever comes: the first of each kind and of the rest, and a count of each."""


def bad(n: int = 0, by: str = "desk", topic: str = "do/power") -> Rejected:
    return Rejected(f"b{n}", "bad_args", ("value", str(n)), by, topic)


def lines(day: Day) -> list[dict[str, Any]]:
    return [*day.told("command.rejected"), *day.told("command.rejected.more")]


def counted(day: Day) -> int:
    """Every refusal that is written down or will be."""
    singles = [row for row in day.told("command") if row["stage"] in ("refused", "expired")]
    summed = sum(int(row.get("count", 1)) for row in lines(day))
    return len(singles) + summed + sum(known.more for known in day.state.refusals.values())


def test_the_first_of_a_kind_have_a_line_each_and_the_rest_one_number() -> None:
    day = Day(15)
    day.give(*(bad(n) for n in range(1000)))
    assert len(lines(day)) == FIRST
    day.run(EACH_MS - 1)
    assert len(lines(day)) == FIRST
    day.run(1)
    (more,) = day.told("command.rejected.more")
    assert (more["count"], more["by"], more["topic"]) == (1000 - FIRST, "desk", "do/power")
    assert (more["code"], more["args"]) == ("bad_args", ("value", "999")), "the reason of the last"


def test_a_flood_that_goes_on_is_told_as_often_as_its_count_and_no_more() -> None:
    day = Day(15)
    for n in range(60):
        day.give(bad(n))
        day.run(MINUTE_MS)
    assert [row["count"] for row in day.told("command.rejected.more")] == [7, 10, 10, 10, 10, 10]
    assert len(day.told("command.rejected")) == FIRST


def test_it_is_told_at_the_same_moment_without_the_fast_path() -> None:
    told = []
    for fast in (True, False):
        day = Day(15, fast=fast)
        for n in range(20):
            day.give(bad(n), bad(n, by=f"nobody {n}"))
            day.run(90_000)
        told.append(day.run(2 * EACH_MS).records)
    assert told[0] == told[1]
    assert sum(record.kind == "command.rejected.more" for _, record in told[0]) == 3


def test_a_kind_that_was_silent_begins_anew() -> None:
    day = Day(15)
    day.give(*(bad(n) for n in range(FIRST)))
    day.run(EACH_MS)
    assert day.state.refusals == {}
    assert day.told("command.rejected.more") == [], "nothing was left out"
    day.give(bad())
    assert len(day.told("command.rejected")) == FIRST + 1


def test_a_good_command_in_the_flood_is_obeyed_answered_and_written_down_at_once() -> None:
    day = Day(15)
    good = Command("good", "desk", "load", ("fan", "on"), day.mono_ms + 10_000)
    day.give(*(bad(n) for n in range(500)), good, *(bad(n) for n in range(500)))
    assert "fan" in str(day.state.holds)
    assert Reply("good", "accepted") in day.replies
    assert [row["verb"] for row in day.told("command")] == ["load"]


def test_answers_are_bounded_by_the_second() -> None:
    day = Day(15)
    day.give(*(bad(n) for n in range(500)))
    assert len(day.replies) == ANSWERS
    day.run(1000)
    day.give(bad(7))
    assert day.replies[-1].id == "b7"


def test_readable_commands_that_are_refused_are_counted_too_and_push_nothing_out_of_the_memory() -> None:
    day = Day(15)
    done = day.command("load", "fan", "on", id="once")
    for n in range(REPLIES_KEPT + 50):
        day.command("load", "nothing", "on", id=f"r{n}")
    assert len([row for row in day.told("command") if row["stage"] == "refused"]) == FIRST
    day.run(EACH_MS)
    (more,) = day.told("command.rejected.more")
    assert (more["count"], more["topic"]) == (REPLIES_KEPT + 50 - FIRST, "do/load")
    assert day.command("load", "fan", "on", id="once") == done
    assert len([row for row in day.told("command") if row["stage"] == "accepted"]) == 1, "it acts once"


def test_a_name_for_each_message_makes_no_kind_of_its_own() -> None:
    day = Day(15)
    for n in range(200):
        day.give(bad(n, by=f"nobody {n}"))
    day.run(EACH_MS)
    assert len(lines(day)) <= MOST
    assert counted(day) == 200


def test_a_secret_meeting_tells_neither_who_wanted_the_floor_nor_how() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10, secret=True)).to(8.1)
    day.give(*(Rejected("", "bad_args", ("seat", "1-8"), "Lan", "do/floor") for _ in range(10)))
    for _ in range(10):
        day.command("floor", "grant", "nobody")
    day.to(11)
    rows = lines(day)
    assert sum(row.get("count", 1) for row in rows) == 10
    assert [row for row in rows if row["by"] or row["topic"] or row["args"]] == []
    assert day.told("command") == []


def test_what_a_life_has_counted_the_next_one_tells() -> None:
    day = Day(15)
    day.give(*(bad(n) for n in range(100)))
    day.restart()
    assert lines(day) == day.told("command.rejected"), "the same boot counts on"
    day.restart(boot="b2", mono_ms=60_000)
    assert [row["count"] for row in day.told("command.rejected.more")] == [100 - FIRST]
    day.run(2 * EACH_MS)
    assert len(day.told("command.rejected.more")) == 1


@st.composite
def a_message(draw: st.DrawFn) -> Event | None:
    """Of few senders or of many, unreadable or merely refused; None = the process starts anew."""
    n, kind = draw(st.integers(0, 40)), draw(st.sampled_from(("same", "names", "codes", "refused", "restart")))
    match kind:
        case "same":
            return bad(n)
        case "names":
            return bad(n, by=f"nobody {n}")
        case "codes":
            return Rejected("", f"code{n % 5}", (), "", "ack")
        case "refused":
            return Command(f"r{n}", "desk", "rule", (f"R{n + 100}", "off"), 1 << 40)
    return None


BURSTS = st.lists(st.tuples(a_message(), st.integers(1, 30), st.sampled_from((0, 900, MINUTE_MS, EACH_MS))))


@pytest.mark.lives
@settings(max_examples=60)
@given(BURSTS, st.booleans())
def test_whatever_comes_every_refusal_is_counted_and_the_lines_are_few(bursts: list[Any], boots: bool) -> None:
    day, sent = Day(15), 0
    for number, (message, times, gap_ms) in enumerate(bursts):
        if message is None:
            day.restart(boot=f"n{number}" if boots else "")
            continue
        for _ in range(times):
            if isinstance(message, Command) and message.id in {reply.id for reply in day.state.replies}:
                continue  # a repeat is answered and is no new refusal
            day.give(message)
            sent += 1
        day.run(gap_ms)
    assert counted(day) == sent
    at = Counter(at_ms // EACH_MS for at_ms, record in day.records if record.kind.startswith("command"))
    assert all(n <= 2 * MOST * (1 + sum(m is None for m, _, _ in bursts)) for n in at.values())
    day.run(2 * EACH_MS + 1)
    assert day.state.refusals == {}
