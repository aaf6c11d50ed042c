#!/usr/bin/python3 -I
"""The command `diemcau` of the release that the room runs. install.sh puts it into /usr/local/bin.

Not the selector's own way of starting: that counts the tries of a new release, and a look at the room is no try.
Commissioning writes the room's own files and seals with its key: `sudo diemcau commission` runs as the room's user,
with the copies of the secrets that the service gets.
"""

import os
import sys
from pathlib import Path

OPT = Path("/opt/diemcau")
ETC = "/etc/diemcau"
sys.dont_write_bytecode = True
sys.path.insert(0, str(OPT))

from selector import paths  # noqa: E402

# Compiled by root, it would lie in the release; torn by a power cut, it would be believed.
ENV = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ":".join(paths((OPT / "current").resolve(), "controller"))}


def as_the_room() -> list[str]:
    """The words before a command that make it the room's user, at this terminal and in this folder."""
    terminal = "--pty" if sys.stdin.isatty() else "--pipe"
    words = ["systemd-run", "--quiet", "--wait", "--collect", "--same-dir", "--service-type=exec", terminal]
    words += ["--uid=diemcau", "--property=SupplementaryGroups=dialout gpio i2c"]
    words += [f"--property=LoadCredential={name}:{ETC}/{name}" for name in ("identity", "secrets")]
    return words + [f"--setenv={name}={value}" for name, value in ENV.items()]


os.environ.update(ENV)
command = [sys.executable, "-s", "-P", "-m", "controller", *sys.argv[1:]]
if os.geteuid() == 0 and "commission" in sys.argv[1:]:
    command = [*as_the_room(), *command]
os.execvp(command[0], command)
