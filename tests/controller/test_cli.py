"""The command line: both languages, one sentence an error, the exit codes that --help promises."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from controller import config
from controller.cli import main, plain_run
from controller.cli_parser import bad_call
from controller.cli_table import parser
from controller.cli_words import language, sentence
from controller.texts import ReadableError, catalogue, result
from hardware.keeper_table import loads
from tests.controller.room_file import room_file
from tests.controller.runtime.given import until

Out = pytest.CaptureFixture[str]
PARSER = parser()


def end(words: Sequence[str]) -> int:
    """The exit code, also of a call that cannot be understood."""
    try:
        return main(words)
    except SystemExit as left:
        return int(left.code or 0)


ARGUMENTS = st.one_of(
    st.sampled_from(
        ["run", "--config", "--mock", "--root", "--lang", "en", "-h", "--con", "--config=x", "--", "-1", ""]
    ),
    st.text(max_size=3),
)


@given(st.lists(ARGUMENTS, max_size=5).map(lambda words: ["run", *words]))
@example(["run"])
@example(["run", "--config", "/etc/diemcau/room.toml"])
@example(["run", "--config", "a", "--config", "b"])
def test_a_plain_run_is_what_the_parser_would_read(words: list[str]) -> None:
    """Or it is left to the parser, with its help and its complaints."""
    found = plain_run(words)
    if found is not None:
        assert vars(found) == vars(PARSER.parse_args(words))


@pytest.mark.parametrize(
    "words", [["run", "-h"], ["run", "--config"], ["run", "x"], ["run", "--mock", "s"], ["status"], []]
)
def test_no_other_call_is_read_without_the_parser(words: list[str]) -> None:
    assert plain_run(words) is None


def test_a_room_starts_without_the_sentences_of_the_help() -> None:
    catalogue.cache_clear()
    assert plain_run(["run", "--config", "room.toml"]) is not None
    assert catalogue.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["frob"], "LỆNH: không có frob; được phép: run, demo, simulate"),
        (["statsu"], "LỆNH: không có statsu. Có phải là status? Được phép: run, demo"),
        (["statsu", "--lang", "en"], "COMMAND: there is no statsu. Did you mean status? Allowed: run, demo"),
        (["--lang", "en", "frob"], "COMMAND: there is no frob"),
        (["why", "--lang=en"], "Missing: target. See diemcau why --help."),
        (["why"], "Thiếu: target."),
        (["ca", "sign", "ca"], "Thiếu: name. Xem diemcau ca sign --help."),
        (["demo", "--frob"], "Không rõ: --frob. Xem diemcau demo --help."),
        (["demo", "--speed", "0", "--lang", "en"], "--speed: allowed is 1…1000."),
        (["demo", "--r9", "x"], "--r9: không có x; được phép: watch, remind, enforce"),
        (["status", "--frob", "--lang", "en"], "Unknown: --frob."),
        (["simulate", "--days", "x", "--lang", "en"], "--days: x is not a value"),
        (["simulate", "--law", "x"], "--law: không có x; được phép: "),
        (["run", "--config"], "--config phải có giá trị."),
        (["status", "--lang", "fr"], "--lang: không có fr"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_64(words: Sequence[str], said: str, capsys: Out) -> None:
    assert end(words) == 64
    told = capsys.readouterr()
    assert told.err.startswith(said)
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_what_argparse_says_otherwise_is_passed_on() -> None:
    assert bad_call("out of luck", "en") == "The command cannot be understood: out of luck."


@pytest.mark.parametrize(("lang", "usage"), [("vi", "Cách dùng: diemcau"), ("en", "Usage: diemcau")])
def test_help_is_whole_in_both_languages(lang: str, usage: str, capsys: Out) -> None:
    assert end(["--lang", lang, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(usage)
    for name in ("run", "demo", "simulate", "sim", "config", "check", "replay", "evidence", "status", "why"):
        assert f"    {name} " in told
    for code in ("0 ", "1 ", "64 ", "69 ", "75 ", "78 "):
        assert code in told.replace("\n", " ")
    assert "cli." not in told


def of(found: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parser and all below it, by the words that lead there."""
    below = [a for a in found._actions if isinstance(a, argparse._SubParsersAction)]
    there = {found.prog: found}
    for action in below:
        for its in action.choices.values():
            there |= of(its)
    return there


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_command_and_no_option_is_without_a_word(lang: str) -> None:
    """`demo` has a parser of its own."""
    found = of(parser(lang))
    assert len(found) > 40
    for name, its in found.items():
        told = its.format_help()
        assert its.description, name
        assert "cli." not in told, name
        assert all(a.help for a in its._actions if not isinstance(a, argparse._SubParsersAction)), name
        usage = "Usage: " if lang == "en" else "Cách dùng: "
        assert told.startswith(f"{usage}{name}")
        arguments = "Arguments:" if lang == "en" else "Tham số:"
        takes = [a for a in its._actions if not a.option_strings]
        assert (arguments in told) == (bool(takes) and its._subparsers is None), name


def test_the_demo_explains_itself_in_both_languages(capsys: Out) -> None:
    assert end(["demo", "--help"]) == end(["demo", "--lang", "en", "--help"]) == 0
    told = capsys.readouterr().out
    assert "Cách dùng: diemcau demo" in told
    assert "Usage: diemcau demo" in told
    assert "cli." not in told


def test_what_is_carried_between_centre_and_authority_is_not_called_a_journal(capsys: Out) -> None:
    for name in ("requests", "answers"):
        assert end(["centre", name, "--help"]) == 0
        assert "journal" not in capsys.readouterr().out


def test_the_language_is_found_before_the_call_is_understood() -> None:
    assert language(["--lang", "en", "x"]) == language(["x", "--lang=en"]) == "en"
    assert language(["x"]) is language(["--lang"]) is language(["--lang", "fr"]) is None


def test_a_room_speaks_its_own_language_unless_asked() -> None:
    assert parser(None).parse_args(["status"]).lang is None
    assert parser("en").parse_args(["status"]).lang == "en"
    assert parser(None).parse_args(["config", "check"]).lang is None
    assert parser(None).parse_args(["evidence", "verify", "x"]).lang == "vi"


def test_the_check_of_a_room_is_in_the_rooms_language(tmp_path: Path, capsys: Out) -> None:
    assert main(["config", "check", str(room_file(tmp_path, **{'language = "vi"': 'language = "en"'}))]) == 0
    assert "NOTE: room.accepted" in capsys.readouterr().out


def test_the_example_and_the_schema_are_printed(capsys: Out) -> None:
    assert main(["config", "example"]) == 0
    assert tomllib.loads(capsys.readouterr().out)["room"]["language"] == "vi"
    assert main(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "RoomConfig"


def test_a_good_room_passes_with_its_notes(tmp_path: Path, capsys: Out) -> None:
    assert main(["config", "check", str(room_file(tmp_path)), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "NOTE: room.accepted: The room is not accepted" in told
    assert told.endswith("can be used, 3 remarks\n")


def test_a_defect_is_found_and_ends_with_1(tmp_path: Path, capsys: Out) -> None:
    room = room_file(tmp_path, **{'contact = "latching"': 'contact = "no"'})
    assert main(["config", "check", str(room)]) == 1
    assert "SAI SÓT: loads.codec" in capsys.readouterr().out


def test_the_keepers_file_is_one(tmp_path: Path, capsys: Out) -> None:
    assert main(["config", "keeper", str(room_file(tmp_path))]) == 0
    assert [line.name for line in loads(capsys.readouterr().out).lines][:2] == ["network", "display"]


@pytest.mark.parametrize("words", [["config", "check"], ["config", "keeper"]])
def test_a_wrong_room_ends_with_78_and_names_all(words: list[str], tmp_path: Path, capsys: Out) -> None:
    room = room_file(tmp_path, **{"pin = 17": 'pin = "17"'})
    assert main([*words, str(room), "--lang", "en"]) == 78
    told = capsys.readouterr()
    assert "loads.network.pin: found 17; allowed: a whole number." in told.err
    assert told.out == ""


@pytest.mark.parametrize("words", [["run"], ["check"], ["status"], ["why", "codec"]])
def test_without_a_room_nothing_is_opened_and_78_is_said(words: list[str], tmp_path: Path, capsys: Out) -> None:
    assert main([*words, "--config", str(tmp_path / "none.toml"), "--lang", "en"]) == 78
    told = capsys.readouterr().err
    assert "nothing was switched" in told
    assert "none.toml" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sim", "toaster", "--link", "x"], "kind: there is no toaster; allowed: camera, "),
        (["sim", "camra", "--link", "x"], "kind: there is no camra. Did you mean camera? Allowed: camera, "),
        (["sim", "camera", "--link", "{tmp}/c", "--fault", "nix"], "no fault 'nix'"),
        (["sim", "ups", "--link", "host:nix"], "write HOST:PORT or a path"),
        (["sim", "camera", "--link", "{tmp}/file"], "exists already and is something else"),
    ],
)
def test_a_far_end_that_cannot_start_says_why(words: list[str], said: str, tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert main([word.format(tmp=tmp_path) for word in words] + ["--lang", "en"]) == 64
    assert said in capsys.readouterr().err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_errors_of_the_system_are_said_in_words() -> None:
    assert sentence(FileNotFoundError(2, "No such file", "/x"), "vi") == "Không có /x."
    assert sentence(PermissionError(13, "Denied", "/x"), "en").startswith("Not permitted: /x.")
    assert sentence(OSError(5, "Input/output error", "/x"), "en") == "/x: Input/output error."
    assert sentence(OSError("odd"), "en") == "odd: odd."
    assert sentence(ReadableError("bypass"), "en").startswith("The key is at")
    assert sentence(ZeroDivisionError("by zero"), "en") == "ZeroDivisionError: by zero."


@pytest.mark.parametrize(
    ("code", "target", "said"),
    [
        ("timeout", "load.codec", "The keeper did not answer in time"),
        ("no_effect", "codec.mute", "The device agreed, but nothing changed"),
        ("error: not in a call", "codec.hangup", "The device reported an error (not in a call)"),
        ("silent", "codec.mute", "codec does not answer"),
        ("moving", "camera.main.store", "camera is moving, nothing was stored"),
        ("never_heard_of", "codec.mute", "never_heard_of"),
    ],
)
def test_a_devices_no_is_said_in_words(code: str, target: str, said: str) -> None:
    assert result(code, target, "en") == said


@pytest.mark.process
def test_a_reader_that_leaves_early_is_no_error() -> None:
    root = Path(__file__).resolve().parents[2]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        words = [sys.executable, "-m", "controller", "config", "schema"]
        done = subprocess.run(words, cwd=root, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.process
def test_a_far_end_answers_on_its_link_until_it_is_told_to_stop(tmp_path: Path) -> None:
    root, link = Path(__file__).resolve().parents[2], tmp_path / "camera"
    words = [sys.executable, "-m", "controller", "sim", "camera", "--link", str(link)]
    process = subprocess.Popen(words, cwd=root)
    try:
        until(link.is_symlink)
        with open(os.open(link, os.O_RDWR | os.O_NOCTTY), "r+b", buffering=0) as port:
            port.write(bytes.fromhex("883001ff"))
            assert b"".join(iter(lambda: port.read(1), b"\xff")) == bytes.fromhex("883002")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert not link.is_symlink()


def test_the_configurations_exit_code_is_the_one_of_the_help() -> None:
    assert config.EXIT_CODE == 78
