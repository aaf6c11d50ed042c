"""A kept plan serves the very files and program that it was made of, and nothing else in the world."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from controller import config, plan_kept
from controller.plan_make import plan_of
from tests.controller.room_file import room_file

PACK = """
[pack]
document = "B"

[pack.clauses]
"rules.meeting.length_min" = "C"

[rules.meeting]
length_min = 90
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return room_file(tmp_path)


def make(place: Path, *files: Path) -> int:
    """The process that makes a plan, as `diemcau run` starts it."""
    words = [sys.executable, "-m", "controller.plan_make", "-", *map(str, files)]
    env = {**os.environ, "CACHE_DIRECTORY": str(place)}
    with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read()
        return process.wait(60)


def test_nothing_is_kept_without_a_folder(room: Path) -> None:
    assert plan_kept.folder({}) is None
    assert plan_kept.folder({"CACHE_DIRECTORY": "here"}) is None
    assert plan_kept.folder({"CACHE_DIRECTORY": "/a:/b"}) == Path("/a")
    plan_kept.keep(None, [room], [], plan_of(config.load(room)))
    assert plan_kept.find(None, [room]) is None


def test_the_next_start_finds_what_the_last_one_made(place: Path, room: Path) -> None:
    assert plan_kept.find(place, [room]) is None
    assert make(place, room) == 0
    kept = plan_kept.find(place, [room])
    assert kept is not None
    assert (kept.slug, kept.outputs, kept.room.targets) == (
        (plan := plan_of(config.load(room))).slug,
        plan.outputs,
        plan.room.targets,
    )
    assert (place / plan_kept.NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in place.iterdir()] == [plan_kept.NAME]


def test_another_byte_another_file_or_another_order_is_another_room(place: Path, room: Path) -> None:
    make(place, room)
    other = room.with_name("other.toml")
    other.write_bytes(room.read_bytes())
    assert plan_kept.find(place, [other]) is None
    assert plan_kept.find(place, [room, other]) is None
    assert plan_kept.find(place, []) is None
    room.write_text(room.read_text(encoding="utf-8").replace("lease_s = 30", "lease_s = 31"), encoding="utf-8")
    assert plan_kept.find(place, [room]) is None


def test_a_file_that_was_touched_is_read_again(place: Path, room: Path) -> None:
    make(place, room)
    room.write_bytes(room.read_bytes())
    assert plan_kept.find(place, [room]) is None


def test_a_rule_pack_that_room_toml_names_counts(place: Path, room: Path) -> None:
    pack = room.with_name("pack.toml")
    pack.write_text(PACK, encoding="utf-8")
    text = room.read_text(encoding="utf-8")
    room.write_text(text.replace("[room]\n", '[room]\nrule_packs = ["pack.toml"]\n', 1), encoding="utf-8")
    assert make(place, room) == 0
    assert plan_kept.find(place, [room]) is not None
    pack.write_text(PACK.replace("90", "95"), encoding="utf-8")
    assert plan_kept.find(place, [room]) is None
    pack.unlink()
    assert plan_kept.find(place, [room]) is None


def test_a_wrong_room_is_not_kept(place: Path, room: Path) -> None:
    room.write_text("[room]\n", encoding="utf-8")
    assert make(place, room) == 78
    assert list(place.iterdir()) == []


def sealed(head: bytes, pickled: bytes) -> bytes:
    rest = head + b"\n" + pickled
    return hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def parts(place: Path) -> tuple[dict[str, object], bytes]:
    _, head, pickled = (place / plan_kept.NAME).read_bytes().split(b"\n", 2)
    return json.loads(head), pickled


def other_program(place: Path) -> bytes:
    head, pickled = parts(place)
    return sealed(json.dumps({**head, "program": "0" * 64}).encode(), pickled)


def no_plan(place: Path) -> bytes:
    return sealed(json.dumps(parts(place)[0]).encode(), pickle.dumps("a plan"))


def no_pickle(place: Path) -> bytes:
    return sealed(json.dumps(parts(place)[0]).encode(), b"\x80nothing")


def no_rows(place: Path) -> bytes:
    head, pickled = parts(place)
    return sealed(json.dumps({**head, "files": 7}).encode(), pickled)


def torn(place: Path) -> bytes:
    return (place / plan_kept.NAME).read_bytes()[:-20]


def rotten(place: Path) -> bytes:
    data = bytearray((place / plan_kept.NAME).read_bytes())
    data[-300] ^= 1
    return bytes(data)


@pytest.mark.parametrize(
    "damage",
    [other_program, no_plan, no_pickle, no_rows, torn, rotten, lambda _: b"", lambda _: sealed(b"no JSON", b"")],
)
def test_what_is_not_whole_is_no_plan(place: Path, room: Path, damage: Callable[[Path], bytes]) -> None:
    make(place, room)
    (place / plan_kept.NAME).write_bytes(damage(place))
    assert plan_kept.find(place, [room]) is None
    assert make(place, room) == 0
    assert plan_kept.find(place, [room]) is not None, "it is made anew"


def test_a_file_that_others_could_have_written_is_no_plan(place: Path, room: Path) -> None:
    make(place, room)
    kept = place / plan_kept.NAME
    kept.chmod(0o640)
    assert plan_kept.find(place, [room]) is None
    kept.chmod(0o600)
    assert plan_kept.find(place, [room]) is not None
    place.chmod(0o770)
    assert plan_kept.find(place, [room]) is None
    place.chmod(0o700)
    moved = kept.rename(place / "moved")
    kept.symlink_to(moved)
    assert plan_kept.find(place, [room]) is None


def test_a_pipe_or_a_picture_in_the_place_of_a_file_holds_nobody_up(place: Path, room: Path) -> None:
    pipe = room.with_name("pipe")
    os.mkfifo(pipe)
    assert plan_kept.marks([pipe]) is None
    large = room.with_name("large")
    large.write_bytes(b"x" * (plan_kept.FILE_MAX_B + 1))
    assert plan_kept.marks([large]) is None


def test_a_folder_that_refuses_costs_nothing_but_time(tmp_path: Path, room: Path) -> None:
    assert make(tmp_path / "absent", room) == 0
    (tmp_path / "file").touch()
    assert make(tmp_path / "file", room) == 0
    assert plan_kept.find(tmp_path / "file", [room]) is None


def test_every_file_of_ours_is_part_of_the_program() -> None:
    rows = {Path(row[0]) for name in ("controller", "hardware") for row in plan_kept._sources(str(ROOT / name))}
    found = {path for name in ("controller", "hardware") for path in (ROOT / name).rglob("*.py")}
    assert found <= rows
    assert plan_kept.program() == plan_kept.program()


ROOT = Path(plan_kept.__file__).resolve().parents[1]


@pytest.mark.parametrize("name", ["learnt.toml", "acceptance.json"])
def test_what_commissioning_leaves_makes_it_anew(place: Path, room: Path, name: str) -> None:
    beside = next(path for path in config.named(room) if path.name == name)
    beside.parent.mkdir(parents=True, exist_ok=True)
    make(place, room)
    assert plan_kept.find(place, [room]) is not None
    beside.write_text("x", encoding="utf-8")
    assert plan_kept.find(place, [room]) is None
    make(place, room)
    assert plan_kept.find(place, [room]) is not None
    beside.unlink()
    assert plan_kept.find(place, [room]) is None
