"""No English inside Vietnamese sentences: commands are run in Vietnamese over files and places that are broken in
every way, and each word that they say must be one of the catalogue's, or one that the person has typed.
"""

from __future__ import annotations

import errno
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from controller import config
from controller.cli import main
from controller.config_model import RoomConfig
from controller.core.chain import Unreadable
from controller.simulation.fault_names import FAULTS
from controller.texts import catalogue, fill, known
from controller.texts.foreign import foreign, named, system

WORD = re.compile(r"[A-Za-z]{3,}")
WHOLE = config.example()
FILES: dict[str, bytes] = {
    "key.toml": b"[room]\n = 3\n",
    "equals.toml": b"[room]\nname 3\n",
    "value.toml": b"[room]\nname = diem cau\n",
    "quotes.toml": b'[room]\nname = "a\n',
    "open.toml": b'[room]\nname = "a',
    "twice.toml": b"[room]\n[room]\n",
    "inline.toml": b"a = {b = 1, b = 2}\n",
    "closed.toml": b"a = {b = 1}\n[a.c]\n",
    "again.toml": b"a = 1\na = 2\n",
    "array.toml": b"a = [1, 2\n",
    "table.toml": b"[room\n",
    "tables.toml": b"[[room]\n",
    "rest.toml": b"a = 1 2\n",
    "backslash.toml": b'a = "C:\\Users"\n',
    "hex.toml": b'a = "\\uZZZZ"\n',
    "date.toml": b"a = 2026-13-45\n",
    "binary.toml": b"\xff\xfe\x00",
    "deep.toml": b"a = " + b"[" * 5_000,
    "huge.toml": b"a = " + b"9" * 5_000,
    "address.toml": WHOLE.replace('"10.60.0.1"', '"mcu"').encode(),
    "number.toml": WHOLE.replace("pin = 5", 'pin = "x"').encode(),
    "unknown.toml": WHOLE.replace("[link]", "[lynk]").encode(),
}
JOURNALS: dict[str, bytes] = {
    "text.jsonl": b"hello\n",
    "object.jsonl": b'{"a":1}\n',
    "binary.jsonl": b"\xff\xfe\n",
    "torn.db": b"SQLite format 3\x00" + bytes(100),
    "room.jsonl": WHOLE.encode(),
}


@cache
def ours() -> frozenset[str]:
    """Words of the catalogue in Vietnamese, of configuration keys, and of the commands themselves."""
    said = " ".join(row["vi"] for row in catalogue().values())
    keys = str(RoomConfig.model_json_schema()) + WHOLE
    return frozenset(WORD.findall(f"{said} {keys} diemcau"))


def strange(said: str, given: str) -> set[str]:
    return set(WORD.findall(said)) - ours() - set(WORD.findall(given))


def runs(capsys: pytest.CaptureFixture[str], *words: str) -> Iterator[str]:
    with suppress(SystemExit):
        main(["--lang", "vi", *words])
    out = capsys.readouterr()
    assert out.out or out.err
    yield out.out + out.err


@pytest.mark.parametrize("name", FILES)
def test_a_configuration_that_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    for said in runs(capsys, "config", "check", str(path)):
        assert strange(said, f"{path} {FILES[name].decode('latin-1')[:400]}") == set(), said


@pytest.mark.parametrize("command", ["replay", "explain", "evidence verify"])
@pytest.mark.parametrize("name", JOURNALS)
def test_a_journal_that_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, command: str
) -> None:
    path = tmp_path / name
    path.write_bytes(JOURNALS[name])
    at = ["--at", "2026-11-25T07:30"] if command == "explain" else []
    for said in runs(capsys, *command.split(), str(path), *at):
        assert strange(said, str(path)) == set(), said


@pytest.mark.parametrize("place", ["absent", "folder", "file/below", "loop", "n" * 300])
@pytest.mark.parametrize(
    "command", ["config check", "status --config", "why load.codec --config", "replay", "check --config"]
)
def test_a_place_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, command: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    path = str(tmp_path / place)
    for said in runs(capsys, *command.split(), path):
        assert strange(said, f"{path} {command}") == set(), said


def test_devices_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of what drivers write into the service's log reaches the person who has asked."""
    path = tmp_path / "room.toml"
    path.write_text(WHOLE)
    for said in runs(capsys, "check", "--config", str(path), "--wait", "0.2"):
        assert strange(re.sub(r"\S*/\S*|\(E[A-Z]+\)", "", said), "ups.password tcp icmp") == set(), said


@pytest.mark.parametrize(
    "typed",
    [
        "journal",
        "config show",
        "why",
        "simulate --days x",
        "simulate --faults mains --days 1",
        "explain nowhere --at yesterday",
        "status --nonsense",
    ],
)
def test_a_command_that_is_typed_wrong(capsys: pytest.CaptureFixture[str], typed: str) -> None:
    """What was typed is shown as it was, not as the thing that has that name."""
    for said in runs(capsys, *typed.split()):
        assert strange(said, f"{typed} {' '.join(FAULTS)} {COMMANDS}") == set(), said
        assert "nhật ký" not in said.partition(";")[0]
        assert "điện lưới" not in said


COMMANDS = " ".join(code[4:] for code in catalogue() if code.startswith("cli."))


def test_every_word_of_the_parser_is_known() -> None:
    for name, data in FILES.items():
        try:
            tomllib.loads(data.decode("latin-1"))
        except (ValueError, RecursionError) as error:
            told = str(error).partition(" (at")[0]
            assert foreign(told).code, f"{name}: {told}"


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_the_systems_words_are_ours_or_its_own(number: int) -> None:
    told = system(OSError(number, os.strerror(number)))
    assert known(told.code) or told.text("vi") == os.strerror(number) != ""


def test_what_nobody_knows_is_shown_as_it_is() -> None:
    assert foreign("the moon is full").text("vi") == "the moon is full"
    assert system(OSError("gone")).text("vi") == "gone"
    assert isinstance(Unreadable("x"), ValueError)


@pytest.mark.parametrize(
    ("error", "vi", "en"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "ổ đĩa đầy", "No space left on device"),
        (RuntimeError("<Connection>: failed: [Errno 111] Connection refused"), "từ chối", "Connection refused"),
        (ImportError("No module named 'lgpio'"), "thiếu thư viện", "a library is missing"),
        (RuntimeError("gpiozero: 'can not open gpiochip'"), "không mở được chân GPIO", "cannot be opened"),
        (OSError("Failed to resolve 'x' ([Errno -2] …)"), "không tra được tên máy", "cannot be resolved"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "không phải chữ UTF-8", "no UTF-8 text"),
        (ValueError("the moon is full"), "the moon is full", "the moon is full"),
    ],
)
def test_a_reason_is_an_argument_that_each_reader_has_in_his_words(error: Exception, vi: str, en: str) -> None:
    """A note is kept or sent as code and arguments: nobody knows yet who reads it."""
    assert vi in fill("{0}", "vi", (named(error),))
    assert en in fill("{0}", "en", (named(error),))
