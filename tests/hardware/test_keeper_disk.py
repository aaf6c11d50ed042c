"""The keeper's levels on the disk: what a card that was ill for a while has missed is written when it is well. The
same for those on tmpfs, which the next keeper of this boot drives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hardware.keeper import AGAIN_MS, Lasting, Memory


def written(lasting: Lasting, levels: dict[str, bool]) -> None:
    """Ask, and let the writing thread end."""
    lasting.keep(levels)
    for thread in threading.enumerate():
        if thread.name == "levels":
            thread.join(10)


def test_what_a_sick_card_did_not_take_is_written_when_it_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0]
    lasting = Lasting(str(tmp_path), lambda: now[0])
    (tmp_path / "levels.json.new").mkdir()
    written(lasting, {"codec": True})
    written(lasting, {"codec": True})
    now[0] = AGAIN_MS
    written(lasting, {"codec": True})
    assert not (tmp_path / "levels.json").exists()
    assert capsys.readouterr().err.count("not saved") == 1, "said once"
    (tmp_path / "levels.json.new").rmdir()
    written(lasting, {"codec": True})
    assert not (tmp_path / "levels.json").exists(), "not before the minute is over"
    now[0] = 2 * AGAIN_MS
    written(lasting, {"codec": True})
    assert json.loads((tmp_path / "levels.json").read_text()) == {"codec": True}


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    lasting = Lasting(str(tmp_path), lambda: 0)
    written(lasting, {"codec": True})
    (tmp_path / "levels.json").unlink()
    written(lasting, {"codec": True})
    assert not (tmp_path / "levels.json").exists()


def test_what_a_full_tmpfs_did_not_take_is_written_once_there_is_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the next keeper of this boot would switch the room back to what it was before."""
    memory = Memory(str(tmp_path))
    memory.save({"codec": False})
    (tmp_path / "levels.json.new").mkdir()
    for _ in range(3):
        memory.save({"codec": True})
    assert capsys.readouterr().err.count("not saved") == 1, "said once"
    (tmp_path / "levels.json.new").rmdir()
    memory.save({"codec": True})
    assert Memory(str(tmp_path)).load() == {"codec": True}


def test_a_log_that_nobody_reads_any_more_ends_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = "from hardware.keeper import log; log('one'); log('two'); print('alive')"
    done = subprocess.run([sys.executable, "-c", words], stderr=writer, stdout=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stdout == b"alive\n"
