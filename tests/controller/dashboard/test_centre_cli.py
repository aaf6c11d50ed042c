"""`diemcau centre …` as an installer uses it: accounts, sites, links, and what is said of wrong settings."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from controller.cli import main
from controller.dashboard.store.open import engine
from controller.dashboard.store.tables_people import PASSES, ROOMS, USERS
from controller.dashboard.web.api_me import HASHER
from controller.dashboard.web.gate import digest
from tests.hardware.keeper_process import ROOT
from tests.services.sinks import MailSink, WebSink

Out = pytest.CaptureFixture[str]


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    file = tmp_path / "centre.toml"
    file.write_text(f'database = "sqlite+aiosqlite:///{tmp_path}/centre.db"\n')
    return file


def rows(file: Path, statement: object) -> list[object]:
    async def ask() -> list[object]:
        made = engine(f"sqlite+aiosqlite:///{file.parent}/centre.db")
        try:
            async with made.connect() as connection:
                return list((await connection.execute(statement)).all())  # type: ignore[call-overload]
        finally:
            await made.dispose()

    return asyncio.run(ask())


def test_an_account_gets_a_password_of_its_own_and_a_new_one_when_asked_again(centre: Path, capsys: Out) -> None:
    words = ["centre", "user", "binh", "--role", "admin", "--person", "Trần Thị Bình", "--centre", str(centre)]
    said = []
    for _ in range(2):
        assert main(words) == 0
        said.append(capsys.readouterr().out.split()[-1])
    (row,) = rows(centre, select(USERS))
    assert said[0] != said[1]
    assert HASHER.verify(row.password, said[1])  # type: ignore[attr-defined]


def test_sites_come_from_a_table_as_excel_writes_it(centre: Path, capsys: Out) -> None:
    table = centre.with_name("sites.csv")
    table.write_text("\ufeffslug;name;provider\nkim-son;Kim Sơn;VNPT\nnho-quan;;\n", encoding="utf-8")
    assert main(["centre", "room", "--sites", str(table), "--centre", str(centre)]) == 0
    found = {row.slug: (row.name, row.provider) for row in rows(centre, select(ROOMS))}  # type: ignore[attr-defined]
    assert found == {"kim-son": ("Kim Sơn", "VNPT"), "nho-quan": ("nho-quan", "")}
    table.write_text("slug,name\nKim Sơn,x\n", encoding="utf-8")
    assert main(["centre", "room", "--sites", str(table), "--centre", str(centre)]) == 78
    assert "sites.csv" in capsys.readouterr().err
    table.write_bytes(b"slug;name\nx;\xff\n")
    assert main(["centre", "room", "--sites", str(table), "--centre", str(centre)]) == 78


def test_a_link_is_for_a_site_that_exists_and_its_secret_is_stored_nowhere(centre: Path, capsys: Out) -> None:
    assert main(["centre", "link", "kim-son", "--centre", str(centre)]) == 78
    assert main(["centre", "room", "kim-son", "--title", "Kim Sơn", "--centre", str(centre)]) == 0
    assert main(["centre", "link", "kim-son", "--centre", str(centre)]) == 0
    secret = capsys.readouterr().out.split("#/pass/")[1].split()[0]
    (row,) = rows(centre, select(PASSES))
    assert (row.room, row.kind, row.hash) == ("kim-son", "phone", digest(secret))  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["nonsense = 1\n", "[broker]\nport = 0\n", "= x", "[web]\nhost = 7\n"])
def test_wrong_settings_end_with_78_and_the_file_and_key(tmp_path: Path, text: str, capsys: Out) -> None:
    file = tmp_path / "centre.toml"
    file.write_text(text)
    for half in ("run", "recorder", "web"):
        assert main(["centre", half, "--centre", str(file)]) == 78
        assert "centre.toml" in capsys.readouterr().err
    assert main(["centre", "run", "--centre", str(tmp_path / "none.toml")]) == 78


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """A machine on which the extra was not installed: its database library is one that cannot be found."""
    (tmp_path / "sqlalchemy.py").write_text('raise ModuleNotFoundError("none", name="sqlalchemy")\n')
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    env = {**os.environ, "PYTHONPATH": path}
    words = [sys.executable, "-m", "controller", "centre", "run"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (78, "")
    assert "diemcau[centre]" in done.stderr


def test_a_test_notice_says_of_each_address_whether_it_was_taken(centre: Path, capsys: Out) -> None:
    assert main(["centre", "notify", "--centre", str(centre)]) == 78, "none are set up"
    file = centre.with_name("notices.txt")
    centre.write_text(f'{centre.read_text()}[notify]\nurls_file = "{file}"\n')
    assert main(["centre", "notify", "--centre", str(centre)]) == 78, "there is no such file"
    file.write_text("nonsense\n")
    assert main(["centre", "notify", "--centre", str(centre)]) == 78
    assert f"{file}, dòng 1" in capsys.readouterr().err
    with MailSink() as mail, WebSink() as web:
        file.write_text(f"{mail.url}\n{web.url}\n")
        assert main(["centre", "notify", "--centre", str(centre)]) == 0
        assert mail.mails[0]["subject"] == "[Mạng điểm cầu] Gửi thử thông báo"
        web.mood = "refuse"
        assert main(["centre", "notify", "--centre", str(centre)]) == 69
        assert (len(mail.mails), len(web.posts)) == (2, 1)
    said = capsys.readouterr().out
    assert said.count(": đã nhận") == 3
    assert said.count(": không nhận (") == 1
