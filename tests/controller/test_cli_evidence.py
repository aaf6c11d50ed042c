"""`diemcau evidence verify`: what was done to a journal is named by number, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from controller.cli import main
from controller.cli_evidence import SHOWN
from controller.core.chain import KIND, Entry, head_of, line, seal
from controller.core.instant import Instant
from controller.core.records import Priority, Record
from controller.runtime.batch import Batch
from controller.runtime.journal import Journal
from tests.controller.runtime.given import BOOT, Told, at, chain, record, until

Out = pytest.CaptureFixture[str]


def lines(path: Path, entries: Sequence[Entry]) -> Path:
    path.write_text("".join(line(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


def verify(path: Path, capsys: Out, lang: str = "en") -> tuple[int, str]:
    code = main(["evidence", "verify", str(path), "--lang", lang])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_whole_journal_is_whole(tmp_path: Path, capsys: Out) -> None:
    entries = chain(5)
    code, told = verify(lines(tmp_path / "j", entries), capsys)
    assert code == 0
    assert told.endswith(f"5 entries, as they were written; head 5 {entries[-1].hash}\n")


def test_an_excerpt_says_where_it_begins(tmp_path: Path, capsys: Out) -> None:
    code, told = verify(lines(tmp_path / "j", chain(5)[2:]), capsys)
    assert code == 0
    assert "  begins with entry 3" in told


@pytest.mark.parametrize(
    ("done", "vi", "en"),
    [
        ("edited", "! bản ghi 3 đã bị sửa", "! entry 3 was changed"),
        ("removed", "! thiếu bản ghi 3–3", "! entries 3–3 are missing"),
        ("reordered", "! bản ghi 2 nằm sai thứ tự", "! entry 2 is not in its place"),
        ("repeated", "! bản ghi 2 bị lặp", "! entry 2 occurs twice"),
    ],
)
def test_what_was_done_is_named(done: str, vi: str, en: str, tmp_path: Path, capsys: Out) -> None:
    entries = chain(5)
    if done == "edited":
        entries[2] = replace(entries[2], subject="load.other")
    elif done == "removed":
        del entries[2]
    elif done == "reordered":
        entries[1], entries[2] = entries[2], entries[1]
    else:
        entries.insert(2, entries[1])
    for lang, said in (("vi", vi), ("en", en)):
        code, told = verify(lines(tmp_path / "j", entries), capsys, lang)
        assert code == 1
        assert told.splitlines()[0] == said
        assert {"vi": "KHÔNG còn như lúc ghi", "en": "NOT as they were written"}[lang] in told


@pytest.mark.parametrize(
    ("reason", "vi", "en"),
    [
        ("unclean", "mất điện hoặc chương trình bị ngắt", "the power or the program was cut off"),
        ("full", "ổ nhớ đầy", "the disk was full"),
        ("readonly", "ổ nhớ chỉ đọc được", "the disk could only be read"),
        ("stalled", "ổ nhớ không đáp ứng", "the disk did not answer"),
    ],
)
def test_why_something_is_lost_is_said_in_words(reason: str, vi: str, en: str, tmp_path: Path, capsys: Out) -> None:
    entries = chain(3)
    gap = Record(KIND, "gap", (("reason", reason),), Priority.EVIDENCE)
    entries.append(seal(gap, at(9_000), BOOT, head_of(entries[-1])))
    for lang, said in (("vi", vi), ("en", en)):
        code, told = verify(lines(tmp_path / "j", entries), capsys, lang)
        assert code == 0
        assert said in told
        assert f": {reason}\n" not in told


def test_a_line_that_is_no_entry_is_named(tmp_path: Path, capsys: Out) -> None:
    path = lines(tmp_path / "j", chain(3))
    path.write_text(path.read_text(encoding="utf-8") + "{}\n", encoding="utf-8")
    code, told = verify(path, capsys)
    assert code == 1
    assert told.startswith("! line 4 is not a journal entry")


def test_the_first_line_of_a_simulation_is_no_entry(tmp_path: Path, capsys: Out) -> None:
    path = lines(tmp_path / "j", chain(3))
    path.write_text('{"simulate":{}}\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert verify(path, capsys)[0] == 0


def test_thousands_of_findings_do_not_fill_the_screen(tmp_path: Path, capsys: Out) -> None:
    entries = [replace(entry, subject="load.other") for entry in chain(SHOWN + 7)]
    code, told = verify(lines(tmp_path / "j", entries), capsys)
    assert code == 1
    assert told.count("\n! ") == SHOWN
    assert "! and 7 more\n" in told


def test_what_is_no_journal_is_said_and_64(tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "text").write_text("hello\n", encoding="utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "db").write_bytes(b"SQLite format 3\0" + b"x" * 500)
    for name in ("text", "bytes", "db"):
        code, told = verify(tmp_path / name, capsys)
        assert code == 64
        assert f"{name} is no journal that can be read: " in told
    assert verify(tmp_path / "none", capsys) == (64, f"{tmp_path / 'none'} is not there.\n")
    assert verify(tmp_path, capsys)[0] == 64


def test_an_empty_journal_is_as_it_was_written(tmp_path: Path, capsys: Out) -> None:
    assert verify(lines(tmp_path / "j", []), capsys)[0] == 0


def now() -> Instant:
    return at(9)


def test_a_rooms_own_journal_is_checked_while_it_may_be_written(tmp_path: Path, capsys: Out) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told, BOOT, now)
    journal.start()
    journal.write(Batch(1, at(9), (record(1), record(2)), None, urgent=True))
    until(lambda: 1 in told.tokens)
    try:
        code, said = verify(tmp_path / "journal.db", capsys)
    finally:
        journal.stop()
    assert code == 0
    assert "as they were written" in said
