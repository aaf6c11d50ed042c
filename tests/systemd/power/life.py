"""What a machine does between two power cuts; run in the machine itself, as its first process.

It says `@ready` when everything is loaded and the card has not been touched yet: there the machine is copied, and
each life begins as a copy. Then, told to go: mount the card, look whether it is sound, start what the selector
chooses, and update, with the real updater, until there is nothing to do. Only the services are a table
(`FakePi`), because they would need a second minute of each life.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from controller.update import self_test
from controller.update.client import Client
from controller.update.disk import Disk
from controller.update.fetch import Fetcher
from controller.update.gate import Times
from controller.update.kept import ROOM_TOML, STATE, Said, read_tree
from controller.update.run import Run
from controller.update.selector import BOOT_ID, KEEPER_TRIES, OPT, STARTED, linked
from controller.update.slots import Slots
from tests.controller.update.kit import FakePi, sound
from tests.controller.update.settings_kit import NAME
from tests.systemd.power.series import BAD, LAST, name, pack, step_of, version

if TYPE_CHECKING:
    from _typeshed import HasFileno

CARD, DEVICE = Path("/card"), "/dev/vdb"
SOURCES = "/srv/sources"
RUNS = 7
"""Release, pack, room.toml, nothing; and what was left of the life before."""
TIMES = Times(quiet=30.0, patience=60.0, look=5.0)
LOOK_S = 0.05
"""Real time of a look: an update is long enough for the card to be written in between."""
_ADD_ENTROPY, _RESEED, _FORGET = 0x40085203, 0x5207, 0x1261


class LifePi(FakePi):
    """Services in a table, the card and time real."""

    def sleep(self, seconds: float) -> None:
        time.sleep(LOOK_S)
        super().sleep(seconds)


def say(*words: object) -> None:
    print(f"@{' '.join(map(str, words))}", flush=True)


def wake(boot: str, seed: str) -> None:
    """Not what another copy was: other random numbers, another boot; nothing known of the card."""
    with open("/dev/urandom", "wb") as file:
        fcntl.ioctl(file, _ADD_ENTROPY, struct.pack("ii32s", 256, 32, bytes.fromhex(seed)))
        fcntl.ioctl(file, _RESEED)
    with open(DEVICE, "rb") as file:
        fcntl.ioctl(file, _FORGET)
    # The file system's own sync each second, not each fifth: more different moments in a short life.
    subprocess.run(["mount", "-t", "ext4", "-o", "commit=1", DEVICE, str(CARD)], check=True)
    for place in ("proc", "run"):
        subprocess.run(["mount", "-t", "tmpfs", "none", str(CARD / place)], check=True)
    for place in (BOOT_ID, KEEPER_TRIES, STARTED):
        (CARD / place).parent.mkdir(parents=True)
    (CARD / BOOT_ID).write_text(f"{boot}\n")


def fault() -> tuple[str, str]:
    """What is wrong with the card after a boot, and the release that runs."""
    if said := sound(CARD) or settings():
        return said, ""
    selector = CARD / OPT / "selector.py"
    words = ["/usr/bin/python3", "-I", str(selector), "--root", str(CARD), "controller"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    asked, _, runs = done.stdout.strip().partition(" ")
    # A program of no bytes says nothing, and ends well.
    if done.returncode or not runs or asked != runs:
        return f"it does not run: {done.returncode} {done.stdout} {done.stderr}", ""
    return "", runs


def settings() -> str:
    """What is wrong with the configuration: room.toml and its rule pack are always wholly one of the office's."""
    room = (CARD / ROOM_TOML).read_text(encoding="utf-8", errors="replace")
    whole = [step for step in range(LAST + 1) if f'"{name(step)}"' in room and room.endswith("# behaves: \n")]
    if not whole:
        return f"room.toml is none: {len(room)} letters"
    rules = (CARD / ROOM_TOML).with_name(NAME).read_text(encoding="utf-8", errors="replace")
    if rules not in map(pack, range(LAST + 1)):
        return f"{NAME} is none: {len(rules)} letters"
    for state, file in (("settings", "room.toml"), (f"pack-{NAME.removesuffix('.toml')}", NAME)):
        before = (CARD / ROOM_TOML).with_name(f"{file}.before")
        if (CARD / STATE / f"{state}-trial.json").exists() and not before.stat().st_size:
            return f"no way back to a {file}"
    return ""


def step() -> int:
    """Of the release that is offered in this life: newer than what is here and what was taken back here."""
    failed = read_tree(CARD / STATE / "failed.json").get("versions")
    tried = [one for one in failed if not one.startswith("keeper")] if isinstance(failed, list) else []
    return 1 + max(map(step_of, [linked(CARD / OPT / "current"), *tried]))


def once(pi: LifePi, source: str) -> Said:
    run = Run(pi, Disk(), lambda folder, root, given: Client(folder, root, given, Fetcher()), "", TIMES)
    return run.once([source])


def live() -> str:
    """Until there is nothing to do. Returns what is broken, '' = nothing."""
    said, runs = fault()
    found = read_tree(CARD / STATE / "progress.json")
    say("found", found.get("stage"), "trial" if Slots(CARD, Disk()).trial else "-")
    if said:
        return said
    say("sound", runs)
    pi = LifePi(CARD, {version(one): "breaks_codec" for one in range(BAD, LAST + 1, BAD)})
    pi.running, pi.began, offered = runs, pi.mono, step()
    if offered > LAST:
        say("end")
        return ""
    for _ in range(RUNS):
        told = once(pi, f"file://{SOURCES}/{offered}")
        say("said", told.stage, told.code, *json.dumps(told.args).split())
        if said := sound(CARD) or settings():
            return f"after {told.code}: {said}"
        if Slots(CARD, Disk()).trial is not None:
            return f"a trial after {told.code}"
        if told.stage == "idle":
            return ""
        if told.stage not in ("done", "back"):
            return f"{told.stage}: {told.code} {told.args}"
    return "it never ends"


def made_sure_of_nothing(fd: int | HasFileno) -> None:
    """The control's fsync."""


def told_to_go() -> list[str]:
    """Asks again and again, for a copy must not have been told already."""
    while not select.select([sys.stdin], [], [], 0.2)[0]:
        say("ready")
    return sys.stdin.readline().split()


def load() -> None:
    """All that a life imports: nothing of it shall be read again in each."""
    assert self_test.main([]) == 0


def main() -> None:
    load()
    words = told_to_go()
    boot, seed, hasty = words[1], words[2], words[3] == "hasty"
    if hasty:
        os.fsync = made_sure_of_nothing
    try:
        wake(boot, seed)
        said = live()
    except Exception as error:  # noqa: BLE001 - the first process tells, and lives on
        said = f"{type(error).__name__}: {error}"
    say("broken", said) if said else say("done")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
