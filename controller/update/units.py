"""Files of the system (units, rules, the command) that the running release has otherwise than the installer left
them. The updater may write none of them: what a service may do is widened by a person, not by a release.

Only what is as the installer left it counts: what somebody has changed or taken away is theirs.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from controller.update.selector import OPT

COMMAND = f"sudo sh /{OPT}/current/systemd/install.sh"
"""It asks nothing for what nobody has changed, stops nothing, and copies no release."""
_PLACE = re.compile(r"^(\S+) /(\S+) [0-7]{3}$", re.MULTILINE)
_INSTALLED = re.compile(r"^([0-9a-f]{64})  /(.+)$", re.MULTILINE)


def differing(root: Path, release: Path) -> list[str]:
    """Names of the files; none where the installer has left no list, or the release brings no files."""
    folder = release / "systemd"
    left = {where: digest for digest, where in _INSTALLED.findall(_text(root / OPT / "installed"))}
    places = _PLACE.findall(_text(folder / "install-system.sh"))
    if not left or not places:
        return []
    found = [Path(where).name for what, where in places if _older(root / where, folder / what, left.get(where))]
    ours = release / "site/common/controller/update/selector.py"
    return found + ["selector.py"] * (_digest(ours) not in ("", _digest(root / OPT / "selector.py")))


def _older(here: Path, new: Path, left: str | None) -> bool:
    """`left`: the hash that the installer noted; None = it has never put this file."""
    there, ours = _digest(here), _digest(new)
    return bool(ours) and there != ours and there == (left or "")


def _digest(path: Path) -> str:
    """'' = there is none."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
