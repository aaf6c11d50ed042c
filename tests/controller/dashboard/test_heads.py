"""The head that a replaced Pi continues from, as `diemcau provision --centre` asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.core.chain import head_of
from controller.dashboard.heads import newest
from controller.texts import ReadableError
from tests.controller.dashboard.kit import MINUTE, NOW_MS, Desk
from tests.controller.dashboard.test_journals import CHAIN, PLAIN, journal, store


def settings(folder: Path, address: str) -> Path:
    file = folder / "centre.toml"
    file.write_text(f'database = "{address}"\n')
    return file


def test_a_database_that_is_none_of_ours_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadableError) as error:
        newest(settings(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/empty.db"), "kim-son")
    assert error.value.code == "centre.settings"
    assert "database" in error.value.text("en")


def test_a_room_that_was_never_heard_has_no_head(desk: Desk, address: str, tmp_path: Path) -> None:
    with pytest.raises(ReadableError) as error:
        newest(settings(tmp_path, address), "kim-son")
    assert error.value.code == "provision.no_head"


def test_the_head_is_of_the_journal_that_goes_on(desk: Desk, address: str, tmp_path: Path) -> None:
    store(desk, journal(CHAIN, *[PLAIN] * 8))
    new = journal(CHAIN, PLAIN, boot="b2")
    store(desk, new, NOW_MS + MINUTE)
    assert newest(settings(tmp_path, address), "kim-son") == head_of(new[-1])
