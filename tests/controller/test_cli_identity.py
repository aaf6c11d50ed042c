"""`diemcau ca | provision | adopt | broker-files` as a person types them: one sentence an error, and the whole
way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from controller import bundle
from controller.cli import main
from controller.provision.authority import CRL
from controller.texts import LANGUAGES
from tests.controller.provision.kit import SLUG, WORD, Pi, room_toml
from tests.hardware.keeper_process import ROOT

Out = pytest.CaptureFixture[str]


@pytest.fixture
def word(tmp_path: Path) -> list[str]:
    (tmp_path / "word").write_text(WORD + "\n", encoding="utf-8")
    return ["--passphrase", str(tmp_path / "word")]


@pytest.fixture
def ca(tmp_path: Path, word: list[str]) -> str:
    assert main(["ca", "init", str(tmp_path / "ca"), *word]) == 0
    return str(tmp_path / "ca")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_missing_is_one_sentence(tmp_path: Path, word: list[str], capsys: Out, lang: str) -> None:
    ends = [
        main(["ca", "revoke", str(tmp_path), "x", *word, "--lang", lang]),
        main(["ca", "revoke", str(tmp_path), "x", "--passphrase", str(tmp_path / "none"), "--lang", lang]),
        main(["ca", "show", str(tmp_path), "--lang", lang]),
        main(["adopt", str(tmp_path / "none"), "--root", str(tmp_path), "--lang", lang]),
        main(["adopt", str(tmp_path / "word"), "--root", str(tmp_path), "--lang", lang]),
    ]
    said = capsys.readouterr()
    assert ends == [78] * 5
    assert (said.out, len(said.err.splitlines())) == ("", 5)


@pytest.mark.process
def test_without_a_terminal_the_passphrase_is_asked_for_in_a_sentence(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "controller", "ca", "init", str(tmp_path / "ca")]
    done = subprocess.run(
        words,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 78
    assert "--passphrase" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ca").exists()


@pytest.mark.parametrize(
    "head", ["x", "1", "1:ab", ":" + "0" * 64, "-1:" + "0" * 64, "²:" + "0" * 64, "1:" + "x" * 64]
)
def test_a_head_that_is_none_is_refused(tmp_path: Path, ca: str, word: list[str], head: str, capsys: Out) -> None:
    given = ["--config", str(room_toml(tmp_path)), "--ca", ca, f"--head={head}", *word]
    assert main(["provision", SLUG, *given, "--out", str(tmp_path / "out")]) == 78
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may adopt")
def test_only_root_adopts_this_very_system(tmp_path: Path, capsys: Out) -> None:
    assert main(["adopt", str(tmp_path / "none"), "--lang", "en"]) == 78
    assert "root" in capsys.readouterr().err


def test_from_an_authority_to_a_room_that_replaces_another(
    tmp_path: Path, ca: str, word: list[str], capsys: Out
) -> None:
    pi = Pi(tmp_path / "pi").installed()
    for slug, more in ((SLUG, []), ("other", ["--replace"])):
        given = ["--config", str(room_toml(tmp_path, slug)), "--ca", ca, "--head", f"77:{'ab' * 32}", *word]
        out = str(tmp_path / f"{slug}.bundle")
        assert main(["provision", slug, *given, "--out", out, "--lang", "en"]) == 0
        assert main(["adopt", out, "--root", str(pi.root), *more, "--lang", "en"]) == 0
        said = capsys.readouterr().out
        assert f"This Pi is now the site {slug}" in said
        assert "number 77" in said
    assert (pi.etc / "room.toml").read_bytes() == bundle.read(Path(out).read_bytes()).files["room.toml"]
    before = (tmp_path / "ca" / CRL).read_bytes()
    assert main(["ca", "show", ca, "other", "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("other (room): until 20")
    assert main(["ca", "revoke", ca, SLUG, *word, "--lang", "en"]) == 0
    assert "1 certificates withdrawn" in capsys.readouterr().out
    assert (tmp_path / "ca" / CRL).read_bytes() != before
    assert main(["ca", "show", ca, "--lang", "en"]) == 0
    assert ["withdrawn" in line for line in capsys.readouterr().out.splitlines()] == [True, False]


def test_a_brokers_key_is_for_its_owner_alone(tmp_path: Path, ca: str, word: list[str]) -> None:
    out = tmp_path / "broker"
    assert main(["ca", "sign", ca, "mqtt.example", "--out", str(out), *word]) == 0
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {
        "ca.crt": 0o644,
        "mqtt.example.crt": 0o644,
        "mqtt.example.key": 0o600,
    }


def test_broker_files_keep_the_passwords_that_are_there(tmp_path: Path) -> None:
    assert main(["broker-files", str(tmp_path / "b")]) == 0
    first = (tmp_path / "b" / "centre.password").read_text()
    assert stat.S_IMODE((tmp_path / "b" / "centre.password").stat().st_mode) == 0o600
    assert main(["broker-files", str(tmp_path / "b")]) == 0
    assert (tmp_path / "b" / "centre.password").read_text() == first
    assert first.strip() not in (tmp_path / "b" / "diemcau.passwd").read_text()
    assert not (tmp_path / "b" / "home-assistant.password").exists()
    assert main(["broker-files", str(tmp_path / "b"), "--home-assistant"]) == 0
    assert stat.S_IMODE((tmp_path / "b" / "home-assistant.password").stat().st_mode) == 0o600
