"""Debian packages for `make`: installed by apt for root, otherwise downloaded and unpacked into a folder of ours.

Law: standard library only. Nothing stays running or enabled because of us: a broker that the demo installed
must not listen on a Pi's port 1883 next Monday.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

UPDATE_S = 600
INSTALL_S = 1200
_SERVERS = ("mosquitto", "nut")
_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_TEXT = "#!/bin/sh\n# diemcau: packages installed for the demo do not start services\nexit 101\n"


class AptError(RuntimeError):
    """apt or dpkg could not do it; the text is what they said, for a person who knows apt."""


def run(command: Sequence[str], timeout_s: int, env: dict[str, str] | None = None) -> str:
    """Standard output of `command`. Raises AptError with the last lines it printed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, env={**os.environ, **(env or {})}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AptError(f"{shlex.join(command)}: {error}") from error
    if done.returncode != 0:
        raise AptError(f"{shlex.join(command)}:\n{_tail(done.stdout + done.stderr)}")
    return done.stdout


def _tail(text: str, lines: int = 12) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def available() -> bool:
    return shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None


def install(packages: Sequence[str]) -> None:
    """Installs with apt (root only). Brokers and UPS daemons that are new here are neither started nor enabled."""
    env = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    before = _installed()
    # Old lists may do: whether the packages can be had is for the next command to say.
    with contextlib.suppress(AptError):
        run(["apt-get", "update"], UPDATE_S, env)
    with _services_held():
        run(["apt-get", "install", "-y", "--no-install-recommends", *packages], INSTALL_S, env)
    _disable(_units(name for name in _installed() - before if name.startswith(_SERVERS)))


def _installed() -> frozenset[str]:
    listing = run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${binary:Package}\n"], 60)
    return frozenset(line.split()[-1] for line in listing.splitlines() if line.startswith("ii"))


@contextlib.contextmanager
def _services_held() -> Iterator[None]:
    """While packages are set up, Debian's own switch says that no service may start. An existing one stays."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text(_POLICY_TEXT, encoding="utf-8")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


def _units(packages: Iterable[str]) -> list[str]:
    if not (names := sorted(packages)):
        return []
    files = run(["dpkg-query", "-L", *names], 60).splitlines()
    return sorted({Path(file).name for file in files if "/systemd/system/" in file and "@" not in file})


def _disable(units: Sequence[str]) -> None:
    """Not started is not enough: Debian enables a packaged service for the next boot."""
    wanted = [unit for unit in units if unit.endswith((".service", ".socket", ".target"))]
    if shutil.which("systemctl") is None:
        return
    for unit in wanted:
        subprocess.run(["systemctl", "disable", "--now", unit], capture_output=True, check=False, timeout=60)


def unpack(packages: Sequence[str], cache: Path, into: Path) -> None:
    """Downloads `packages` with all they lack here and unpacks them under `into`; needs no root.

    apt gets lists and archives folders of its own under `cache`, so that neither stale nor absent system lists
    matter, and no lock is asked for; its signature checks stay as they are.
    """
    archives = into.with_name(into.name + "-packages")
    options = _private(cache, archives)
    env = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    run(["apt-get", *options, "update"], UPDATE_S, env)
    run(
        ["apt-get", *options, "install", "--download-only", "-y", "--no-install-recommends", *packages],
        INSTALL_S,
        env,
    )
    into.mkdir(parents=True, exist_ok=True)
    for archive in sorted(archives.glob("*.deb")):
        run(["dpkg-deb", "-x", str(archive), str(into)], 300)


def _private(cache: Path, archives: Path) -> list[str]:
    for folder in (cache / "lists", archives):
        (folder / "partial").mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State::lists": str(cache / "lists"),
        "Dir::Cache": str(cache),
        "Dir::Cache::archives": str(archives),
        "Dir::Log": str(cache),
        "Debug::NoLocking": "1",
        "APT::Keep-Downloaded-Packages": "1",
        "APT::Sandbox::User": "",
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def wrap(program: Path, root: Path, into: Path) -> Path:
    """A small shell script in `into` that starts an unpacked program with its unpacked libraries. It execs, so
    that the process id is the program's own; its paths are relative, so that the folder may be moved."""
    libraries = sorted({lib.parent for lib in root.rglob("lib*.so*") if lib.is_file()})
    into.mkdir(parents=True, exist_ok=True)
    paths = ":".join(f"$here/{os.path.relpath(folder, into)}" for folder in libraries)
    script = into / program.name
    script.write_text(
        "#!/bin/sh\n"
        'here=$(cd "$(dirname "$0")" && pwd)\n'
        f'LD_LIBRARY_PATH="{paths}"\n'
        "export LD_LIBRARY_PATH\n"
        f'exec "$here/{os.path.relpath(program, into)}" "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script
