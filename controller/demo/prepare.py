"""Makes a fresh Debian or Raspberry Pi OS machine ready for `make demo` and `make test`.

    python3 -m controller.demo.prepare [python] [services] [tests] [soak]

`python`: .venv with the locked packages and this project. `services`: mosquitto and NUT for the demo. `tests`:
also systemd-analyze, NUT's drivers, openssl, and node with the library that drives our simulated Cisco codec.
`soak`: qemu, a kernel for it and mkfs.ext4, for root's long tests. What is there already is left alone, so that a
second run takes a moment and no network.

Law: standard library only, for it runs before anything is installed. Its texts stand in the catalogue; only the
one about an old Python cannot, because an old Python cannot read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from controller.demo import binaries, debian, kernel, outside, trees
from controller.demo.needs import FONT_PACKAGE, FONT_PLACES, PACKAGE_OF, PROGRAMS

ROOT = binaries.ROOT
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".prepared"
CATALOGUE = ROOT / "controller" / "texts" / "catalogue.toml"
PIP_S = 3600  # a Pi on a commune's line needs its time for 60 MB
SYSTEM_PACKAGES = Path("/usr/lib/python3/dist-packages")
DEBIAN_WHEELS = Path("/usr/share/python-wheels")
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
EX_UNAVAILABLE = 69
TOO_OLD = (
    "Diemcau cần Python 3.11 trở lên (Debian 12, Raspberry Pi OS 12 trở lên); máy này có {0}.\n"
    "Diemcau needs Python 3.11 or newer (Debian 12, Raspberry Pi OS 12 or newer); this machine has {0}."
)


class SetupError(RuntimeError):
    """Set-up cannot go on; carries the catalogue's code and what goes into its text."""

    def __init__(self, code: str, *args: str) -> None:
        super().__init__(code, *args)
        self.code = code
        self.details = args


def main(words: Sequence[str]) -> int:
    """Exit code 0, or 69 (EX_UNAVAILABLE of sysexits.h) with a text in both languages on standard error."""
    if _too_old():
        return _with_newer(words)
    try:
        if "python" in words:
            prepare_python()
        prepare_programs([name for word in words for name in PROGRAMS.get(word, ())])
        if "tests" in words:
            prepare_font()
        if "tests" in words and not outside.ready():
            prepare_outside()
        if {"tests", "soak"} & {*words} and trees.wanted():
            prepare_machines(words)
    except SetupError as error:
        say(error.code, *error.details, stream=sys.stderr)
        return EX_UNAVAILABLE
    return 0


def _too_old() -> bool:
    return tuple(int(part) for part in platform.python_version_tuple()[:2]) < (3, 11)


def _with_newer(words: Sequence[str]) -> int:
    """Debian's python3 may be old while a newer one lies beside it."""
    for minor in (13, 12, 11):
        if newer := shutil.which(f"python3.{minor}"):
            os.execv(newer, [newer, "-m", "controller.demo.prepare", *words])
    print(TOO_OLD.format(platform.python_version()), file=sys.stderr)
    return EX_UNAVAILABLE


def say(code: str, *args: str, stream: object = None) -> None:
    """Prints the catalogue's text, Vietnamese first."""
    out = stream if stream is not None else sys.stdout
    for language in ("vi", "en"):
        print(_text(code, language, args), file=out, flush=True)  # type: ignore[arg-type]


def _text(code: str, language: str, args: Sequence[str]) -> str:
    import tomllib

    with contextlib.suppress(OSError, tomllib.TOMLDecodeError, KeyError, TypeError, IndexError):
        texts = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
        return str(texts[code][language]).format(*args)
    return " ".join((code, *args))


# The environment


def prepare_python() -> None:
    """.venv with exactly the locked packages, and this project on its path. Raises SetupError."""
    stamp = _stamp()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == stamp and _python_lives():
        return
    say("setup.python")
    if _moved() or not _python_lives() or not _has_pip():
        _make_venv()
    # The lock is the whole closure: a pip that resolves it anew (23.x with `coverage[toml]`) trips over every
    # release that came after it.
    _pip("install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK))
    _pip("install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT))
    _pip("check")
    _borrow_lgpio()
    STAMP.write_text(stamp, encoding="utf-8")


def _borrow_lgpio() -> None:
    """Raspberry Pi OS 13 has lgpio for its Python 3.13 as a package, PyPI has not: link to it from .venv. Without
    it the demo and the tests run all the same, for their pins are gpiozero's mock."""
    folders = sorted(VENV.glob("lib/python3*/site-packages"))
    if not folders or list(folders[0].glob("_lgpio*.so")):
        return
    tag = f"_lgpio.cpython-3{sys.version_info.minor}-*.so"
    binaries_found = sorted(SYSTEM_PACKAGES.glob(tag))
    if (SYSTEM_PACKAGES / "lgpio.py").is_file() and binaries_found:
        for file in (SYSTEM_PACKAGES / "lgpio.py", binaries_found[0]):
            (folders[0] / file.name).symlink_to(file)


def _stamp() -> str:
    """Changes when the lock, the project's table, the Python or the folder's place does."""
    content = LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return f"{hashlib.sha256(content).hexdigest()} {platform.python_version()} {ROOT}\n"


def _moved() -> bool:
    """The scripts in .venv/bin name their Python by its full path: in a copied folder they would start the old."""
    config = VENV / "bin" / "activate"
    return config.is_file() and str(VENV) not in config.read_text(encoding="utf-8", errors="replace")


def _python_lives() -> bool:
    return _works([str(VENV / "bin" / "python"), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"])


def _has_pip() -> bool:
    return _works([str(VENV / "bin" / "python"), "-m", "pip", "--version"])


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _make_venv() -> None:
    """Debian parts ensurepip from python3: when it is missing, pip comes from Debian's own wheel package."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if _works(command):
        return
    if os.geteuid() == 0 and debian.available():
        with contextlib.suppress(debian.AptError):
            debian.install(["python3-venv"])
            if _works(command):
                return
    wheel = _pip_wheel()
    if not _works([*command[:-1], "--without-pip", str(VENV)]):
        raise SetupError("setup.no_venv", str(VENV))
    _checked(
        [str(VENV / "bin" / "python"), f"{wheel}/pip", "--quiet", "install", "--no-index", "--no-deps", str(wheel)]
    )


def _pip_wheel() -> Path:
    """Debian's own pip, installed or unpacked here."""
    folder = binaries.CACHE / "pip"
    if not (found := _wheels(folder)):
        _unpack(["python3-pip-whl", "ca-certificates"], folder)
        found = _wheels(folder)
    if not found:
        raise SetupError("setup.no_venv", str(folder))
    return found[-1]


def _wheels(folder: Path) -> list[Path]:
    return [wheel for place in (DEBIAN_WHEELS, folder) for wheel in sorted(place.rglob("pip-*.whl"))]


def _pip(*words: str) -> None:
    _checked([str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", *words])


def _checked(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, timeout=PIP_S, check=False, env=_certified())
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError("setup.pip", str(error)) from error
    if done.returncode != 0:
        raise SetupError("setup.pip", " ".join(command[:6]))


def _certified() -> dict[str, str]:
    """pip needs certificate authorities; a minimal Debian has none, so they come from the unpacked package."""
    env = dict(os.environ)
    if CA_BUNDLE.exists() or env.get("PIP_CERT") or env.get("SSL_CERT_FILE"):
        return env
    authorities = sorted((binaries.CACHE / "pip").rglob("ca-certificates/mozilla/*.crt"))
    if authorities:
        bundle = binaries.CACHE / "ca.crt"
        bundle.write_bytes(b"\n".join(file.read_bytes() for file in authorities))
        env["PIP_CERT"] = str(bundle)
    return env


# Programs of others


def prepare_outside() -> None:
    """The JavaScript library of the tests. Raises SetupError."""
    say("setup.programs", "jsxapi")
    if said := outside.install():
        raise SetupError("setup.npm", said)


def prepare_programs(names: Sequence[str]) -> None:
    """Every program of `names` findable by binaries.find. Raises SetupError naming what is missing."""
    missing = [name for name in names if binaries.find(name) is None]
    if not missing:
        return
    packages = sorted({PACKAGE_OF[name] for name in missing})
    say("setup.programs", ", ".join(missing))
    if not debian.available():
        raise SetupError("setup.no_apt", " ".join(packages))
    if os.geteuid() == 0:
        # A machine whose package system is broken or read-only can still show the demo: unpack below.
        with contextlib.suppress(debian.AptError):
            debian.install(packages)
    if still := [name for name in names if binaries.find(name) is None]:
        _unpack(packages, binaries.CACHE / "services" / "root")
        _wrap_all(still)
    if lost := [name for name in names if binaries.find(name) is None]:
        raise SetupError("setup.not_found", ", ".join(lost))


def prepare_machines(words: Sequence[str]) -> None:
    """Debian trees that the tests boot, and what qemu boots; only root can. Raises SetupError."""
    prepare_programs(PROGRAMS["machines"])
    rows = [*trees.missing(VENV / "bin" / "python", LOCK)] if "tests" in words else []
    try:
        for name, fill in [*rows, *(kernel.missing() if "soak" in words else [])]:
            say("setup.programs", name)
            fill()
    except debian.AptError as error:
        raise SetupError("setup.apt", name, str(error)) from error


def prepare_font() -> None:
    """A font with Vietnamese letters: root installs it, anyone else has it unpacked. Raises SetupError."""
    if any(font for place in FONT_PLACES for font in place.rglob("DejaVuSans-Bold.ttf")):
        return
    say("setup.programs", FONT_PACKAGE)
    if not debian.available():
        raise SetupError("setup.no_apt", FONT_PACKAGE)
    if os.geteuid() == 0:
        with contextlib.suppress(debian.AptError):
            debian.install([FONT_PACKAGE])
            return
    _unpack([FONT_PACKAGE], FONT_PLACES[-1])


def _unpack(packages: Sequence[str], into: Path) -> None:
    if not debian.available():
        raise SetupError("setup.no_apt", " ".join(packages))
    try:
        debian.unpack(packages, binaries.CACHE / "apt", into)
    except debian.AptError as error:
        raise SetupError("setup.apt", " ".join(packages), str(error)) from error


def _wrap_all(names: Sequence[str]) -> None:
    root = binaries.CACHE / "services" / "root"
    for name in names:
        # Not /etc/init.d, nor Debian's wrapper of upsd: the program itself.
        folders = ("nut", "bin", "sbin") if name in binaries.IN_NUT else ("bin", "sbin")
        programs = [path for folder in folders for path in sorted(root.rglob(f"{folder}/{name}"))]
        for program in programs[:1]:
            debian.wrap(program, root, binaries.UNPACKED_BIN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
