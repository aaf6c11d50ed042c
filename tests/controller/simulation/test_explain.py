"""Why was every load as it was: by what was written before, whatever the clock said, in both languages."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cli import main
from controller.core.chain import START, Entry, line, seal_all
from controller.core.instant import Instant, Trust
from controller.core.records import Record
from controller.simulation.explain import believed, explain, read_time
from controller.simulation.simulate import Job, simulate
from controller.simulation.story import thing
from controller.simulation.tape import write_journal
from hardware.contract import Value

Out = pytest.CaptureFixture[str]
WALL_MS = 1_767_225_600_000
"""2026-01-01, 07:00 in Vietnam."""
DOUBT = Trust.UNKNOWN


def rows(*said: tuple[int, Trust, str, str, dict[str, Value]]) -> tuple[Entry, ...]:
    """Entries of one boot: (seconds after WALL_MS, trust, kind, subject, body)."""
    at = [
        (
            Record(kind, subject, tuple(body.items())),
            Instant(second * 1000, WALL_MS * (trust is not DOUBT) + second * 1000, trust),
        )
        for second, trust, kind, subject, body in said
    ]
    return seal_all(at, "b1", START)


def wish(second: int, value: Value, trust: Trust = Trust.NTP) -> tuple[int, Trust, str, str, dict[str, Value]]:
    because: dict[str, Value] = {"rank": "schedule", "rule": "R1", "code": "R1.network", "args": ()}
    return second, trust, "wish", "load.display", {"value": value, **(because if value else {})}


def started(second: int) -> tuple[int, Trust, str, str, dict[str, Value]]:
    return second, Trust.NTP, "started", "controller", {"boot": "b1"}


def test_the_last_word_before_the_time_counts() -> None:
    entries = rows(wish(10, "on"), wish(20, "off"))
    assert explain(entries, WALL_MS + 15_000).wishes["load.display"] == entries[0]
    assert explain(entries, WALL_MS + 20_000).wishes["load.display"] == entries[1]
    assert explain(entries, WALL_MS + 9_999).last is None


def test_a_wish_that_is_over_is_kept_with_its_end() -> None:
    entries = rows(wish(10, "on"), wish(20, None))
    past = explain(entries, WALL_MS + 30_000)
    assert not past.wishes
    assert past.ended["load.display"] == (entries[0], entries[1])


def test_a_start_forgets_what_the_controller_forgot_and_not_what_is_open() -> None:
    alert: dict[str, Value] = {"alert": "failed", "rule": "N4", "code": "load.failed", "args": ()}
    entries = rows(
        wish(1, "on"),
        (2, Trust.NTP, "proof", "load.display", {"proof": "failed", "seen": "on", "want": "on"}),
        (2, Trust.NTP, "alert", "load.display", alert),
        (3, Trust.NTP, "alert", "room", {**alert, "alert": "heat"}),
        (4, Trust.NTP, "alert.end", "room", {"alert": "heat"}),
        started(5),
    )
    past = explain(entries, WALL_MS + 6_000)
    assert (past.wishes, past.proofs) == ({}, {})
    assert past.loads() == ("load.display",)
    assert list(past.open) == [("alert", "failed", "load.display")]


def test_a_time_that_was_not_trusted_is_placed_by_the_same_boot() -> None:
    entries = rows(wish(10, "on", DOUBT), wish(20, "off"))
    assert believed(entries) == [WALL_MS + 10_000, WALL_MS + 20_000]
    assert explain(entries, WALL_MS + 12_000).wishes["load.display"] == entries[0]


@pytest.mark.parametrize(
    "said",
    ["07:30 01/01/2026", "01/01/2026 07:30:00", "2026-01-01T07:30", "2026-01-01T00:30:00+00:00"],
)
def test_a_time_is_read_as_people_write_it(said: str) -> None:
    assert read_time(said) == WALL_MS + 1_800_000


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_value_error(said: str) -> None:
    with suppress(ValueError, OverflowError):
        assert isinstance(read_time(said), int)


def test_a_whole_month_explains_every_load_of_the_room(tmp_path: Path, capsys: Out) -> None:
    """At the instant of every order the wish behind it is found."""
    run = simulate(Job(30, 11, ()))
    journal = tmp_path / "j"
    with journal.open("w", encoding="utf-8") as out:
        write_journal(run.job, run.world.entries, out)
    entries = run.world.entries
    ordered = [e for e in entries if e.kind == "order" and e.subject.startswith("load.")]
    assert ordered
    for order in ordered:
        past = explain(entries, order.wall_ms)
        asked = past.wishes[order.subject]
        assert dict(asked.body)["value"] == dict(order.body)["value"]
    for lang, word in (("en", "Wanted"), ("vi", "Cần")):
        assert main(["explain", "--at", f"{_iso(ordered[0])}", str(journal), "--lang", lang]) == 0
        told = capsys.readouterr().out
        assert word in told
        assert all(thing(f"load.{name}", lang) in told for name in ("display", "mixer", "fan"))


def _iso(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.wall_ms / 1000, UTC).isoformat()


def test_a_time_before_the_journal_and_no_time_are_said(tmp_path: Path, capsys: Out) -> None:
    journal = tmp_path / "j"
    journal.write_text("".join(line(e) + "\n" for e in rows(wish(10, "on"))), encoding="utf-8")
    assert main(["explain", "--at", "2025-01-01T00:00", str(journal), "--lang", "en"]) == 1
    assert "begins at 2026-01-01 07:00:10" in capsys.readouterr().err
    assert main(["explain", "--at", "soon", str(journal), "--lang", "vi"]) == 64
    assert "không phải thời điểm" in capsys.readouterr().err
    assert main(["explain", "--at", "2027-01-01T00:00", str(journal), "--lang", "en"]) == 0
    assert "The journal ends at 2026-01-01 07:00:10" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"no journal\n", b"\xff\xfe", b"SQLite format 3\0" + b"x" * 100])
def test_a_file_that_is_no_journal_is_one_sentence(tmp_path: Path, capsys: Out, content: bytes | None) -> None:
    journal = tmp_path / "j"
    if content is not None:
        journal.write_bytes(content)
    assert main(["explain", "--at", "2026-01-01T00:00", str(journal), "--lang", "en"]) == 64
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert str(journal) in told
