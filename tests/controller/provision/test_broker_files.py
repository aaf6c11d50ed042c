"""What a broker gets. That it works is proven with a real one in tests/services/test_broker_tls.py."""

from __future__ import annotations

import grp
import os
from pathlib import Path

import pytest

from controller.provision.broker_files import GROUP, HOME, PASSWORDS, texts, write

SHIPPED = Path(__file__).resolve().parents[3] / "systemd" / "mosquitto"


def test_what_is_shipped_is_what_is_made() -> None:
    assert {path.name: path.read_text() for path in SHIPPED.iterdir()} == dict(texts())


def test_no_password_is_shipped_and_two_brokers_have_two(tmp_path: Path) -> None:
    made = [{path.name: path.read_text() for path in write(tmp_path / name)} for name in ("a", "b")]
    assert made[0]["centre.password"] != made[1]["centre.password"]
    assert made[0]["centre.password"] != made[0]["bridge.password"]
    assert len(made[0]["centre.password"].strip()) >= 32


def test_home_assistant_has_an_account_only_where_it_was_asked_for_and_keeps_it(tmp_path: Path) -> None:
    word, rows = tmp_path / "home-assistant.password", tmp_path / PASSWORDS
    write(tmp_path)
    assert (word.exists(), f"{HOME}:" in rows.read_text()) == (False, False)
    assert word in write(tmp_path, home=True)
    first = word.read_text()
    assert f"{HOME}:" in rows.read_text()
    write(tmp_path)
    assert (word.read_text(), f"{HOME}:" in rows.read_text()) == (first, True)
    word.unlink()
    write(tmp_path)
    assert f"{HOME}:" not in rows.read_text()


def has_group() -> bool:
    return any(row.gr_name == GROUP for row in grp.getgrall())


@pytest.mark.skipif(os.geteuid() != 0 or not has_group(), reason="only root gives files to the group mosquitto")
def test_mosquitto_may_read_the_hashes_and_nobody_else(tmp_path: Path) -> None:
    write(tmp_path)
    about = (tmp_path / PASSWORDS).stat()
    assert (about.st_gid, about.st_mode & 0o777) == (grp.getgrnam(GROUP).gr_gid, 0o640)
