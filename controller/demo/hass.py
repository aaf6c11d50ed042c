"""A real Home Assistant in .cache, for the long tests: which release, which Python it needs, and its making.

    python -m controller.demo.hass

Law: standard library only. It has an environment of its own and is a tool of the tests (Apache-2.0): nothing of it
is in the product. Its own list of constraints fixes what it brings; some of that PyPI has as source only, so that
a C compiler and the Python's headers are needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from controller.demo import binaries
from controller.demo.prepare import say

VERSION = "2025.4.4"
PYTHON = "3.13"
"""What this release needs."""
FOLDER = binaries.CACHE / "hass"
PROGRAM = FOLDER / "bin" / "python"
_DONE = FOLDER / "installed"
_ASKED = ("paho-mqtt", "home-assistant-frontend")
"""It would fetch at its start what its MQTT, and the pages without which it does not run, ask for."""
_PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--prefer-binary")
PIP_S = 3600


def ready() -> bool:
    """Is this release there, whole? Its number is written last."""
    return PROGRAM.exists() and _DONE.is_file() and _DONE.read_text(encoding="ascii") == VERSION


def lacks() -> str:
    """Why there is none; '' = it is ready."""
    if ready():
        return ""
    return "lacks Home Assistant: `make soak`" if python() else f"Home Assistant {VERSION} needs Python {PYTHON}"


def python() -> Path | None:
    """A Python that it runs on: on PATH, or one of pyenv's."""
    return next(filter(_works, _pythons()), None)


def _pythons() -> Iterator[Path]:
    if found := shutil.which(f"python{PYTHON}"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{PYTHON}.*/bin/python"), reverse=True)


def _works(python: Path) -> bool:
    """pyenv puts a name on PATH for a version that is not switched on: it starts and says so."""
    try:
        return subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install(base: Path) -> str:
    """Make it on this Python; '' = done, else what failed said."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    release = f"homeassistant=={VERSION}"
    limits = FOLDER / "lib" / f"python{PYTHON}" / "site-packages/homeassistant/package_constraints.txt"
    steps = (
        [str(base), "-m", "venv", str(FOLDER)],
        [str(PROGRAM), *_PIP, "--no-deps", release],
        [str(PROGRAM), *_PIP, "--constraint", str(limits), release, *_ASKED],
    )
    for words in steps:
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PIP_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode != 0:
            return (done.stderr or done.stdout).strip()[-500:] or f"{words[2]}: {done.returncode}"
    _DONE.write_text(VERSION, encoding="ascii")
    return ""


def main() -> int:
    """Exit code 0 in any case: the tests say why they were left out, and the other ones run."""
    base = None if ready() else python()
    if base is not None:
        say("setup.programs", f"Home Assistant {VERSION}")
        if said := install(base):
            say("setup.hass", said, stream=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
