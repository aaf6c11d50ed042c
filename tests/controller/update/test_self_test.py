"""A self-test says yes or no, or it says nothing: what ended it from outside is no answer of the release."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import controller
from controller.update.self_test import ASIDE, CONFIG, LINES, NO
from controller.update.system import NOT_MADE, fault, settings_fault

OURS = str(Path(controller.__file__).parents[1])


def asked(site: Path | str, *files: Path) -> tuple[int, str]:
    """The real program against the release `site`: how it ended and what it said."""
    words = [sys.executable, "-s", "-P", "-c", ASIDE, *map(str, files)]
    # Without the mapping of an editable install, which would find this checkout under every path.
    env = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stderr


def spoilt(folder: Path, text: str) -> Path:
    """A release whose own test comes to `text`."""
    package = folder / "controller" / "update"
    package.mkdir(parents=True)
    for path in (package.parent / "__init__.py", package / "__init__.py"):
        path.touch()
    (package / "self_test.py").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("raise ImportError('spoilt')", "spoilt"),
        ("open('/none')", "FileNotFoundError"),
        ("def (", "SyntaxError"),
        ("import sys; sys.exit(77)", ""),
    ],
)
def test_a_release_that_cannot_live_says_no(tmp_path: Path, text: str, word: str) -> None:
    code, said = asked(spoilt(tmp_path, text))
    assert (code, word in said) == (NO, True), said
    assert fault(code, said)[0] == "update.self_test"


@pytest.mark.parametrize(
    "text",
    [
        "raise MemoryError",
        "raise OSError(5, 'Input/output error')",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_what_the_machine_did_to_it_is_no_answer(tmp_path: Path, text: str) -> None:
    code, said = asked(spoilt(tmp_path, text))
    assert code not in (0, NO, CONFIG, LINES), said
    assert fault(code, said)[0] == settings_fault(code, said)[0] == NOT_MADE


def test_this_release_lives_and_names_an_error_of_the_configuration(tmp_path: Path) -> None:
    assert asked(OURS) == (0, "")
    room = tmp_path / "room.toml"
    room.write_text("[nonsense]\n")
    code, said = asked(OURS, room)
    assert (code, "nonsense" in said) == (CONFIG, True)
    assert settings_fault(code, said)[0] == "update.settings_wrong"


def test_how_systemd_run_ends_without_an_answer() -> None:
    """1: it could not begin, or the time or the memory was over; 203, 226: no program, no box; 255: a signal."""
    for code in (1, 203, 226, 255):
        assert fault(code, "said") == (NOT_MADE, "said")
    assert fault(0, "") == settings_fault(0, "") == ("", "")
    assert settings_fault(LINES, "x")[0] == "update.keeper_table"
