"""Set-up of a fresh machine, as far as it can be seen without being one: finding, wrapping, what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from controller.demo import binaries, debian, hass, needs, prepare
from controller.demo.daemon import Daemon, ServiceError, until


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def unpacked(root: Path) -> Path:
    """A program with a library folder of its own, as dpkg-deb leaves it, and its wrapper."""
    (root / "tree/usr/lib/x").mkdir(parents=True)
    (root / "tree/usr/lib/x/libodd.so.1").touch()
    real = program(root / "tree/usr/sbin/odd", 'echo "$LD_LIBRARY_PATH|$1|$2"')
    return debian.wrap(real, root / "tree", root / "bin")


def test_a_wrapper_passes_words_and_finds_its_libraries(tmp_path: Path) -> None:
    libraries, first, second = (
        subprocess.check_output([unpacked(tmp_path), "a b", "c"], text=True).strip().split("|")
    )
    assert (first, second) == ("a b", "c")
    assert (Path(libraries) / "libodd.so.1").exists()


def test_an_unpacked_program_still_works_when_the_folder_was_moved(tmp_path: Path) -> None:
    unpacked(tmp_path / "old")
    shutil.move(tmp_path / "old", tmp_path / "new")
    answer = subprocess.check_output([tmp_path / "new/bin/odd"], text=True)
    assert str(tmp_path / "new") in answer


def test_the_wrapper_is_the_programs_own_process(tmp_path: Path) -> None:
    script = debian.wrap(program(tmp_path / "tree/bin/odd", "echo $$"), tmp_path / "tree", tmp_path / "bin")
    with subprocess.Popen([script], stdout=subprocess.PIPE, text=True) as process:
        said = process.communicate()[0]
    assert int(said) == process.pid


def test_drivers_are_looked_for_where_nut_keeps_them_and_never_as_debians_wrapper() -> None:
    assert "/usr/sbin" not in binaries.folders("upsd")
    assert "/lib/nut" in binaries.folders("upsd")
    assert "/usr/sbin" in binaries.folders("mosquitto")
    assert binaries.find("no-such-program") is None


def test_every_program_has_a_package() -> None:
    assert {name for names in needs.PROGRAMS.values() for name in names} <= needs.PACKAGE_OF.keys()


def test_a_python_that_has_only_a_name_on_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / f"bin/python{hass.PYTHON}", "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert hass.python() is None
    real = program(tmp_path / f"pyenv/versions/{hass.PYTHON}.7/bin/python", "exit 0")
    assert hass.python() == real


def test_a_command_that_fails_is_quoted_with_what_it_said() -> None:
    with pytest.raises(debian.AptError, match="no luck"):
        debian.run(["sh", "-c", "echo no luck; exit 3"], 10)
    with pytest.raises(debian.AptError, match="no-such-program"):
        debian.run(["no-such-program"], 10)


def test_a_text_that_the_catalogue_lacks_is_still_said(capsys: pytest.CaptureFixture[str]) -> None:
    prepare.say("setup.no_such_code", "x")
    assert capsys.readouterr().out == "setup.no_such_code x\nsetup.no_such_code x\n"


def test_an_impossible_set_up_ends_with_the_code_for_unavailable(tmp_path: Path) -> None:
    """A copy without a lock, in a Python that has everything: nothing half done, a code the caller can test."""
    shutil.copytree(binaries.ROOT / "controller" / "demo", tmp_path / "controller" / "demo")
    (tmp_path / "controller" / "__init__.py").touch()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "requirements.lock").write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64, encoding="utf-8")
    env = {**os.environ, "PIP_NO_INDEX": "1"}
    words = [sys.executable, "-m", "controller.demo.prepare", "python"]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == prepare.EX_UNAVAILABLE
    assert "setup.pip" in done.stderr or "pip" in done.stderr
    assert not (tmp_path / ".venv" / ".prepared").exists()


def test_a_daemon_that_dies_shows_the_tail_of_its_log(tmp_path: Path) -> None:
    daemon = Daemon("sh", tmp_path)
    daemon.start(["-c", "echo out of luck; exit 4"])
    with pytest.raises(ServiceError, match=r"ended with 4:\nout of luck"):
        until(lambda: False, daemon)


def test_a_daemon_is_ended_once_and_stopping_twice_does_no_harm(tmp_path: Path) -> None:
    daemon = Daemon("sh", tmp_path)
    daemon.start(["-c", "echo ready; exec sleep 60"])
    until(lambda: "ready" in daemon.tail(), daemon)
    pid = daemon.pid
    daemon.stop()
    daemon.stop()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
