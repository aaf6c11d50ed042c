"""`diemcau simulate` and `diemcau replay` as they are called: figures, files, exit codes, words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from controller.cli import main
from controller.core.chain import Head, line, seal_all
from controller.core.instant import Instant, Trust
from controller.core.records import Because, Record
from controller.core.view import View
from controller.core.words import Wait, Yield
from controller.rules import RULES
from controller.runtime.memory_json import Changes
from controller.runtime.store import Store
from controller.simulation.cli import verdict
from controller.simulation.fault_names import (
    FAULTS,
)
from controller.simulation.simulate import Job, simulate
from controller.simulation.tape import read_job

Out: TypeAlias = pytest.CaptureFixture[str]
QUIET = ["simulate", "--days", "3", "--seed", "5", "--faults", "none", "--lang", "en"]


def test_figures_in_words(capsys: Out) -> None:
    assert main(QUIET) == 0
    said = capsys.readouterr()
    assert said.out.startswith("3 days, seed 5: 1 meetings, 1 ready on time, 0 late and explained; 0 laws broken; ")
    assert said.err == ""


def test_figures_for_a_machine(tmp_path: Path, capsys: Out) -> None:
    assert main([*QUIET, "--json", str(tmp_path / "f.json")]) == 0
    capsys.readouterr()
    assert main([*QUIET, "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    written = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert told | {"seconds": 0} == written | {"seconds": 0}
    names = "days meetings ready_on_time late_explained violations switches events seconds"
    assert set(names.split()) <= set(told)
    assert (told["days"], told["meetings"], told["violations"], told["violation_texts"]) == (3, 1, 0, [])


def test_a_journal_is_reproduced(tmp_path: Path, capsys: Out) -> None:
    tape = tmp_path / "journal.jsonl"
    assert main([*QUIET, "--journal", str(tape)]) == 0
    assert read_job(tape.read_text(encoding="utf-8").splitlines()[0]) == Job(3, 5, ())
    capsys.readouterr()
    assert main(["replay", str(tape), "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("Reproduced: ")


def test_a_changed_or_shortened_journal_is_not(tmp_path: Path, capsys: Out) -> None:
    tape = tmp_path / "journal.jsonl"
    main([*QUIET, "--journal", str(tape)])
    lines = tape.read_text(encoding="utf-8").splitlines(keepends=True)
    for changed, where in (
        (lines[:4] + lines[5:], "after 3"),
        (lines[:6], "after 5"),
        ([*lines, "more\n"], "at: more"),
    ):
        tape.write_text("".join(changed), encoding="utf-8")
        capsys.readouterr()
        assert main(["replay", str(tape), "--lang", "en"]) == 1
        assert where in capsys.readouterr().out


@pytest.mark.parametrize(
    ("faults", "names"), [("all", len(FAULTS)), ("none", 0), ("heat", 1), ("heat, mains_cut", 2), ("", 0)]
)
def test_faults_by_name(tmp_path: Path, faults: str, names: int) -> None:
    tape = tmp_path / "journal.jsonl"
    assert main(["simulate", "--days", "1", "--seed", "2", "--faults", faults, "--journal", str(tape)]) == 0
    assert len(read_job(tape.read_text(encoding="utf-8").splitlines()[0]).faults) == names


@pytest.mark.parametrize("codec", ["polycom", "cisco"])
def test_either_make_of_codec_and_its_journal_again(tmp_path: Path, codec: str, capsys: Out) -> None:
    tape = tmp_path / "journal.jsonl"
    assert main([*QUIET, "--codec", codec, "--journal", str(tape)]) == 0
    assert read_job(tape.read_text(encoding="utf-8").splitlines()[0]).codec == codec
    assert main(["replay", str(tape), "--lang", "en"]) == 0
    assert "Reproduced: " in capsys.readouterr().out


def test_the_seed_chooses_the_make_where_nobody_does() -> None:
    assert [Job(seed=seed).room().codec for seed in (1, 2, 3)] == ["cisco", "polycom", "cisco"]


@pytest.mark.parametrize("law", ["wakes", "fast", "restart"])
def test_a_second_life_is_compared(law: str, capsys: Out) -> None:
    assert main([*QUIET, "--days", "2", "--law", law]) == 0
    assert "0 laws broken" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["simulate", "--days", "0"], "--days: 0 is not possible"),
        (["simulate", "--days", "40000"], "--days: 40000 is not possible"),
        (
            ["simulate", "--faults", "heat,flood"],
            "--faults: flood is no fault; allowed: all, none, or of mains_cut",
        ),
        (["simulate", "--days", "1", "--journal", "/nowhere/j"], "/nowhere/j"),
        (["replay", "/nowhere/j"], "/nowhere/j"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(words: list[str], said: str, capsys: Out) -> None:
    assert main([*words, "--lang", "en"]) == 64
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"simulate":{}}\n',
        '{"simulate":{"days":1,"seed":1,"faults":["flood"]}}\n',
        '{"simulate":{"days":1,"seed":1,"faults":[],"codec":"telex"}}\n',
        "no journal\n",
        "\x00\xff\n",
        "{}\n",
    ],
)
def test_a_file_that_is_no_journal(tmp_path: Path, text: str, capsys: Out) -> None:
    path = tmp_path / "x"
    path.write_text(text, encoding="latin-1")
    assert main(["replay", str(path), "--lang", "en"]) == 64
    assert str(path) in capsys.readouterr().err


def room_journal(path: Path) -> None:
    """Two entries as a room's own journal has them."""
    body = (("value", "on"), ("rule", "R1"), ("code", "R1.press"), ("args", ()))
    records = (Record("started", "controller", (("boot", "b1"),)), Record("order", "load.display", body))
    times = (Instant(n, 1_767_225_600_000 + 1_000 * n, Trust.NTP) for n in range(2))
    first, second = seal_all(zip(records, times, strict=True), "b1", Head())
    if path.suffix == ".db":
        store = Store(path)
        store.commit((first, second), Changes())
        store.close()
    else:
        path.write_text(f"{line(first)}\n\n{line(second)}\n", encoding="utf-8")


@pytest.mark.parametrize("name", ["journal.db", "journal.jsonl"])
def test_a_rooms_journal_is_told_in_words(tmp_path: Path, name: str, capsys: Out) -> None:
    room_journal(tmp_path / name)
    assert main(["replay", str(tmp_path / name), "--lang", "en"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == " 2026-01-01 07:00:00  controller started: controller, boot b1"
    assert second.startswith(" 2026-01-01 07:00:01  ordered: display = on · On because the button")


def test_an_empty_journal_has_no_story(tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "empty").write_text("", encoding="utf-8")
    assert main(["replay", str(tmp_path / "empty")]) == 0
    assert capsys.readouterr().out == ""


def test_what_was_broken_is_told_with_its_seed_and_the_last_records(capsys: Out) -> None:
    def never(_v: View) -> Iterator[Yield]:
        yield Wait("load.display", "on", Because("R1", "R1.meeting"))

    run = simulate(Job(3, 5, ()), rules=(*RULES, ("", never)))
    assert verdict(run, "en") == 1
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.startswith("day 1.")
    assert f"{len(run.report.violations)} laws broken; seed 5, 3 days." in "".join(rest)
    assert any(" meeting.booked " in said for said in rest)
    assert run.report.figures()["violations"] == len(run.report.violations) > 0
