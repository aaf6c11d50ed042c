"""The JavaScript library that a test lets drive our simulated Cisco codec: fetched by npm, locked, for tests only.

Law: standard library only. Nothing of it is in the product; its scripts are not run, and its optional parts, which
would want a compiler, are left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from controller.demo import binaries

SOURCE = binaries.ROOT / "tests" / "services" / "jsxapi"
FOLDER = binaries.CACHE / "jsxapi"
LOCK = "package-lock.json"
NPM_S = 1200
WORDS = ("ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error")


def modules() -> Path:
    """Where its packages are, for NODE_PATH."""
    return FOLDER / "node_modules"


def ready() -> bool:
    """Is what the lock names there? The lock is copied last."""
    done = FOLDER / "installed.json"
    return done.is_file() and done.read_bytes() == (SOURCE / LOCK).read_bytes()


def install() -> str:
    """Fetch what the lock names; '' = done, else what npm said."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", LOCK):
        shutil.copy(SOURCE / name, FOLDER / name)
    try:
        words = [str(binaries.find("npm") or "npm"), *WORDS]
        done = subprocess.run(
            words, cwd=FOLDER, env=environment(), capture_output=True, text=True, timeout=NPM_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode != 0:
        return (done.stderr or done.stdout).strip()[-500:] or f"npm: {done.returncode}"
    shutil.copy(SOURCE / LOCK, FOLDER / "installed.json")
    return ""


def environment() -> dict[str, str]:
    """An unpacked npm looks for its parts where Debian would have put them, and for node beside itself."""
    root = binaries.CACHE / "services" / "root" / "usr" / "share" / "nodejs"
    path = os.pathsep.join((*filter(None, [os.environ.get("PATH")]), str(binaries.UNPACKED_BIN)))
    return {**os.environ, "PATH": path, **({"NODE_PATH": str(root)} if root.is_dir() else {})}
