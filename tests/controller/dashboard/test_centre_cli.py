"""`diemcau centre …` as an installer uses it: accounts, sites, links, and what is said of wrong settings."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Executable, insert, select

from controller.cli import main
from controller.dashboard.cli import settings_of
from controller.dashboard.settings import Centre
from controller.dashboard.store.open import engine
from controller.dashboard.store.tables_people import OIDC_USERS, PASSES, ROOMS, USERS
from controller.dashboard.web.api_me import HASHER
from controller.dashboard.web.gate import digest
from tests.hardware.keeper_process import ROOT
from tests.services.centre import Centre as Listener
from tests.services.mosquitto import Mosquitto
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


def run(file: Path, statement: Executable) -> None:
    async def put() -> None:
        made = engine(f"sqlite+aiosqlite:///{file.parent}/centre.db")
        try:
            async with made.begin() as connection:
                await connection.execute(statement)
        finally:
            await made.dispose()

    asyncio.run(put())


def test_an_account_gets_a_password_of_its_own_and_a_new_one_when_asked_again(centre: Path, capsys: Out) -> None:
    words = ["centre", "user", "binh", "--role", "admin", "--person", "Trần Thị Bình", "--centre", str(centre)]
    said = []
    for _ in range(2):
        assert main(words) == 0
        said.append(capsys.readouterr().out.split()[-1])
    (row,) = rows(centre, select(USERS))
    assert said[0] != said[1]
    assert HASHER.verify(row.password, said[1])  # type: ignore[attr-defined]
    assert not HASHER.check_needs_rehash(row.password), "at its full price"  # type: ignore[attr-defined]


def test_an_account_of_the_identity_provider_is_given_no_password(centre: Path, capsys: Out) -> None:
    words = ["centre", "user", "oidc-1", "--centre", str(centre)]
    assert main(words) == 0
    run(centre, insert(OIDC_USERS).values(issuer="https://id.example", sub="an", user=1))
    before = rows(centre, select(USERS))
    capsys.readouterr()
    assert main([*words, "--role", "admin"]) == 78
    assert capsys.readouterr().err.startswith("oidc-1 đăng nhập qua hệ thống định danh")
    assert rows(centre, select(USERS)) == before


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["room"], "Điểm cầu nào? diemcau centre room"),
        (["room", "Kim Sơn"], "Kim Sơn không phải mã điểm cầu: "),
        (["room", "--sites", "{tmp}/none.csv"], "Không có {tmp}/none.csv."),
        (
            ["room", "--sites", "{tmp}/bad.csv"],
            "{tmp}/bad.csv, dòng 3: Kim Sơn ở cột slug không phải mã điểm cầu: ",
        ),
        (["room", "--sites", "{tmp}/other.csv"], "{tmp}/other.csv, dòng 2: - ở cột slug"),
        (["room", "--sites", "{tmp}/ansi.csv"], "{tmp}/ansi.csv không phải UTF-8"),
        (["user", ""], ": tên đăng nhập gồm"),
        (["user", "Bình"], "Bình: tên đăng nhập gồm"),
        (["link", "nowhere"], "Không có điểm cầu nowhere: thêm bằng diemcau centre room nowhere"),
        (["answers", "{tmp}/none.json"], "Không có {tmp}/none.json."),
    ],
)
def test_what_cannot_be_taken_in_is_one_sentence_and_nothing_is_stored(
    centre: Path, words: list[str], said: str, capsys: Out
) -> None:
    centre.with_name("bad.csv").write_text("slug;name\nx;X\nKim Sơn;y\n", encoding="utf-8")
    centre.with_name("other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    centre.with_name("ansi.csv").write_bytes(b"slug;name\nx;\xff\n")
    given = [word.format(tmp=centre.parent) for word in words]
    assert main(["centre", *given, "--centre", str(centre)]) == 78
    told = capsys.readouterr()
    assert told.err.startswith(said.format(tmp=centre.parent))
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert rows(centre, select(ROOMS)) == rows(centre, select(USERS)) == []


@pytest.mark.parametrize(
    "address", ["sqlite+aiosqlite:////none/such/centre.db", "postgresql+asyncpg://ann:hunter2@127.0.0.1:1/centre"]
)
def test_a_database_that_is_away_is_one_sentence_without_its_password(
    centre: Path, address: str, capsys: Out
) -> None:
    centre.write_text(f'database = "{address}"\n')
    assert main(["centre", "user", "ann", "--centre", str(centre)]) == 69
    told = capsys.readouterr().err
    assert told.startswith("Không mở được cơ sở dữ liệu ")
    assert (told.count("\n"), "hunter2" in told) == (1, False)


def test_answers_that_no_broker_takes_say_which(centre: Path, capsys: Out) -> None:
    centre.write_text(f"{centre.read_text()}[broker]\nport = 1\n")
    answers = centre.with_name("answers.json")
    answers.write_text('{"v": 1, "answers": []}')
    assert main(["centre", "answers", str(answers), "--centre", str(centre)]) == 69
    assert "127.0.0.1:1" in capsys.readouterr().err.splitlines()[-1]


def test_without_a_name_the_servers_own_settings_are_taken(tmp_path: Path) -> None:
    assert settings_of(None, tmp_path / "none.toml") == Centre()
    (tmp_path / "centre.toml").write_text('network = "Mạng tỉnh"\n', encoding="utf-8")
    assert settings_of(None, tmp_path / "centre.toml").network == "Mạng tỉnh"
    (tmp_path / "other.toml").write_text('network = "khác"\n', encoding="utf-8")
    assert settings_of(tmp_path / "other.toml", tmp_path / "centre.toml").network == "khác"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[web]\nprot = 1\n", "web.prot: đang ghi 1; được phép: các khóa host, metrics, port"),
        ("[web]\nport = 70000\n", "web.port: đang ghi 70000; được phép: nhiều nhất 65535."),
        ('database = "mysql://x"\n', "database: đang ghi mysql://x; được phép: sqlite+aiosqlite:///TỆP hoặc"),
        ("[web\n", "Dòng 1, cột"),
        ("[broker]\npassword = 'hunter2'\n", "broker.password: đang ghi ***"),
    ],
)
def test_wrong_settings_are_said_as_a_rooms_are(tmp_path: Path, text: str, said: str, capsys: Out) -> None:
    file = tmp_path / "centre.toml"
    file.write_text(text)
    assert main(["centre", "run", "--centre", str(file)]) == 78
    told = capsys.readouterr().err
    assert told.startswith("Không dùng được tệp cấu hình của trung tâm (1 lỗi).")
    assert f"{file}: {said}" in told
    assert "meaning." not in told


def begun(file: Path, half: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "controller", "centre", half, "--centre", str(file)]
    return subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


@pytest.mark.process
@pytest.mark.parametrize("half", ["run", "recorder", "web"])
def test_it_ends_when_it_is_told_to_while_its_database_is_away(centre: Path, half: str) -> None:
    centre.write_text('database = "postgresql+asyncpg://ann@127.0.0.1:1/centre"\n')
    process = begun(centre, half)
    assert process.stderr is not None
    try:
        assert process.stderr.readline().startswith("centre.database: ")
        process.send_signal(signal.SIGTERM)
        left = process.stderr.read()
        assert (process.wait(30), "Traceback" in left) == (0, False)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.process
def test_a_port_that_is_taken_is_one_sentence_and_69(centre: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        centre.write_text(f"{centre.read_text()}[web]\nport = {port}\n[broker]\nport = 1\n")
        process = begun(centre, "web")
        try:
            told = process.communicate(timeout=60)[1]
        finally:
            process.kill()
            process.communicate()
    assert process.returncode == 69
    assert told.splitlines()[-1].startswith(f"Chương trình khác đang dùng 127.0.0.1:{port}")
    assert "Traceback" not in told


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
    assert "'.[centre]'" in done.stderr


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


def test_a_site_that_is_taken_away_is_forgotten_by_home_assistant_too(
    centre: Path, tmp_path: Path, capsys: Out
) -> None:
    assert main(["centre", "room", "kim-son", "--title", "Kim Sơn", "--centre", str(centre)]) == 0
    assert main(["centre", "retire", "nowhere", "--centre", str(centre)]) == 78
    own = centre.read_text()
    centre.write_text(f"{own}[broker]\nport = 1\n")
    assert main(["centre", "retire", "kim-son", "--centre", str(centre)]) == 69
    assert rows(centre, select(ROOMS.c.retired)) == [(False,)], "what the broker did not hear is not half done"
    topic = "homeassistant/device/kim-son/config"
    with Mosquitto(tmp_path) as broker, Listener(broker.port) as home:
        home.send(topic, b"{}", retain=True)
        centre.write_text(f"{own}[broker]\nport = {broker.port}\n")
        assert main(["centre", "retire", "kim-son", "--centre", str(centre)]) == 0
        assert "Kim Sơn" in capsys.readouterr().out
        home.until(lambda heard: (heard.topic, heard.payload) == (topic, b""))
        with Listener(broker.port) as later:
            later.send("last", b"")
            later.topic("last")
            assert [heard.topic for heard in later.heard] == ["last"], "nothing of it is retained"
    assert rows(centre, select(ROOMS.c.retired)) == [(True,)]
