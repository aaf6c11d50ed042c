"""The lock of the room that this process rules: who holds it, and where there can be none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from controller.runtime.alone import Ruled, _holder, rule_alone


def test_the_second_is_told_who_rules(tmp_path: Path) -> None:
    first = rule_alone(tmp_path)
    with pytest.raises(Ruled) as caught:
        rule_alone(tmp_path)
    assert caught.value.told == (os.getpid(),)
    assert all(f"ps -fp {os.getpid()}" in line for line in str(caught.value).splitlines())
    os.close(first)
    os.close(rule_alone(tmp_path))


def test_nothing_is_written_and_nothing_can_be_removed(tmp_path: Path) -> None:
    """A folder that is read-only, somebody who clears it, and root with a strict umask: no file of anybody."""
    (tmp_path / "door.sock").touch()
    first = rule_alone(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["door.sock"]
    (tmp_path / "door.sock").unlink()
    tmp_path.chmod(0o555)
    with pytest.raises(Ruled):
        rule_alone(tmp_path)
    os.close(first)
    tmp_path.chmod(0o755)


def test_it_is_not_handed_to_children(tmp_path: Path) -> None:
    handle = rule_alone(tmp_path)
    assert not os.get_inheritable(handle)
    os.close(handle)


def test_without_its_folder_there_is_no_lock_and_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rule_alone(tmp_path / "absent")


def test_who_cannot_be_seen_has_no_number(tmp_path: Path) -> None:
    file = tmp_path.stat()
    assert _holder(file, tmp_path / "absent") is None
    (tmp_path / "locks").write_text(
        "1: POSIX  ADVISORY  READ 7 00:01:2 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 8 00:01:2 0 EOF\n"
    )
    assert _holder(file, tmp_path / "locks") is None
