"""10. An update bricks the device, or changes its dependencies and cannot go back.

Dependencies are locked by what is in them, and pip refuses others; a release that does not come up, or dies again
and again, takes nothing from a meeting; and what a newer release has written, an older one can read. The way of a
bundle from the office to a room and back is in test_10_updates_and_back.py."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.core.memory import Hold, Memory
from controller.core.memory import Kept as Marked
from controller.core.records import Because
from controller.runtime.memory_json import decode, encode
from hardware.contract import NEVER_MS
from hardware.keeper_table import Table
from tests.hardware.keeper_process import ROOT
from tests.scenarios.kit import HOUR_MS, Scene, meeting

LOCK = ROOT / "requirements.lock"


def loose(text: str) -> list[str]:
    """Requirements that are not one version and its hashes."""
    joined = re.sub(r"\\\n\s*", " ", text)
    rows = [row for row in joined.splitlines() if row.strip() and not row.lstrip().startswith("#")]
    return [row.split()[0] for row in rows if "==" not in row.split()[0] or "--hash=sha256:" not in row]


def test_every_dependency_is_one_version_with_the_hashes_of_its_files() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert len(re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)) > 10
    assert loose(text) == []


def test_without_them_it_is_seen() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert loose(re.sub(r"--hash=\S+", "", text))
    assert loose(text.replace("==", ">=", 1))


def wheel(folder: Path, says: str) -> str:
    """A wheel of one module; its hash."""
    path = folder / "parts-1.0-py3-none-any.whl"
    info = "parts-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("parts.py", f"WORD = {says!r}\n")
        made.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: parts\nVersion: 1.0\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", f"parts.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def installed(folder: Path, lock: str) -> tuple[int, str]:
    """pip's verdict on the wheel in `folder`, and what the module says then ('' = there is none)."""
    (folder / "lock").write_text(lock, encoding="utf-8")
    target = folder / "site"
    words = ["install", "--isolated", "--no-index", "--no-deps", "--no-cache-dir"]
    words += ["--find-links", str(folder), "--target", str(target)]
    pip = [sys.executable, "-m", "pip", *words, "-r", str(folder / "lock")]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=120, check=False)
    module = target / "parts.py"
    return done.returncode, module.read_text(encoding="utf-8") if module.exists() else ""


def test_a_file_of_the_same_version_with_other_contents_is_not_installed(tmp_path: Path) -> None:
    true_hash = wheel(tmp_path, "as tested")
    lock = f"parts==1.0 --hash=sha256:{true_hash}\n"
    assert installed(tmp_path, lock) == (0, "WORD = 'as tested'\n")
    (tmp_path / "site/parts.py").unlink()
    wheel(tmp_path, "something else")
    code, word = installed(tmp_path, lock)
    assert code != 0
    assert word == ""


def test_without_the_hash_it_is_installed(tmp_path: Path) -> None:
    wheel(tmp_path, "something else")
    assert installed(tmp_path, "parts==1.0\n") == (0, "WORD = 'something else'\n")


# ---- a release that does not work, in the middle of a call


def in_a_call(lost: str = "") -> Scene:
    """The call of the morning; `lost`: what lines do without a controller, '' = as each declares."""
    scene = Scene(meeting(10, 12))
    if lost:
        lines = tuple(row._replace(lost=lost) for row in scene.bench.keeper.table.lines)
        scene.bench.keeper.table = Table(lines)
        scene.to(7.5).do("keeper_restart", 0)
    scene.to(9.9).do("mcu_calls").wait(60)
    assert scene.world.in_call()
    return scene


def never_comes_up(scene: Scene) -> Scene:
    scene.world.crash(3 * HOUR_MS)
    return scene.to(11.5)


def dies_again_and_again(scene: Scene) -> Scene:
    """Whenever it is up, it dies of the same order."""
    for _ in range(30):
        scene.world.crash(2_000)
        scene.wait(20)
    return scene


@pytest.mark.parametrize("release", [never_comes_up, dies_again_and_again])
def test_the_meeting_goes_on(release: Callable[[Scene], Scene]) -> None:
    scene = in_a_call()
    moves = scene.moves()
    assert release(scene).world.in_call()
    assert scene.moves() == moves
    assert scene.meets <= scene.closed


def test_and_ends_like_any_other_once_the_release_before_is_back() -> None:
    scene = in_a_call()
    scene.world.crash(HOUR_MS)
    scene.to(12.1).do("mcu_hangs_up").to(13)
    assert scene.closed == {"network"}


def test_lines_that_fall_with_the_controller_end_the_call() -> None:
    """The same dead release, in a room whose lines do not declare that they hold."""
    scene = in_a_call(lost="off")
    assert not never_comes_up(scene).world.in_call()
    assert "codec" not in scene.closed


def test_the_key_works_without_any_release() -> None:
    scene = Scene(meeting(10, 12)).to(8)
    scene.world.crash(5 * HOUR_MS)
    assert scene.to(9.5).closed == {"network"}
    scene.do("hand_key", 2 * HOUR_MS)
    assert all(scene.bench.live(name) for name in scene.meets)


# ---- the way back

KEPT = Memory(
    "boot7",
    41,
    holds={"room": Hold("room", ("load.codec",), "on", 4, Because("R1", "R1.press"), 5, NEVER_MS)},
    marks={"!t60.giao-ban": Marked("ready", 3)},
    off_ms={"load.codec": 17},
)
NEWER = {
    "mark/!t60.giao-ban": {"value": "ready", "since_ms": 3, "rises_ms": [], "shade": "a field of tomorrow"},
    "forecast": {"what": "a part of tomorrow"},
}


def test_what_a_newer_release_wrote_is_read_by_the_one_before() -> None:
    """All that both know lives; what only the newer knew is named and left out."""
    rows = {**encode(KEPT), **{key: json.dumps(part) for key, part in NEWER.items()}}
    memory, unknown = decode(rows.items())
    assert memory is not None
    assert (memory.boot, memory.holds, memory.off_ms) == (KEPT.boot, KEPT.holds, KEPT.off_ms)
    assert set(unknown) == set(NEWER)


def test_who_keeps_it_in_one_piece_has_nothing_after_the_way_back() -> None:
    """The usual state file: one object, made of the fields that its program knows."""
    whole = json.dumps({"boot": "boot7", "seq": 41, "forecast": "a part of tomorrow"})
    with pytest.raises(TypeError):
        Memory(**json.loads(whole))
