"""Which release a service runs: the one step between systemd and our code, so that a bad release cannot keep a room
dead. Copied to /opt/diemcau; the standard library only, and nothing of a release is imported.

    ExecStart=/usr/bin/python3 -I /opt/diemcau/selector.py controller -- run --config /etc/diemcau/room.toml

A release on trial is started three times or for `deadline_s`, whichever ends first; then the old one runs again
until the updater has looked. Each start counts, also one after a power cut: on a flickering mains the old release
is the safer one. What cannot be counted is not tried. The choice is a pure function (`choose`).
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

OPT = "opt/diemcau"
TRIAL = "var/lib/diemcau-update/trial.json"
TRIES = "var/lib/diemcau/selector.json"
KEEPER_TRIAL = "var/lib/diemcau-update/keeper-trial.json"
KEEPER_TRIES = "run/diemcau-keeper/selector.json"
"""In memory: the keeper's folder on the card is its own alone, and each boot may try three times again."""
STARTED = "run/diemcau/starts.json"
BOOT_ID = "proc/sys/kernel/random/boot_id"
COMPLETE = ".complete"
"""Written last into a release: one without it was cut while it was unpacked."""
STARTS = 3
SHORT_S, FREE, MOST_S = 20.0, 20, 30.0
"""A life shorter than SHORT_S is none. The first FREE of them follow each other at systemd's pace, which mends what
a start can mend; then each waits twice as long, up to MOST_S: a Pi that only starts heats up and wears out its
card."""
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "controller": ("controller",),
    "keeper": ("hardware.keeper",),
    "update": ("controller.update",),
}
COUNTED: Mapping[str, tuple[str, str]] = {
    "controller": (TRIAL, TRIES),
    "keeper": (KEEPER_TRIAL, KEEPER_TRIES),
}
LINKS: Mapping[str, str] = {"controller": "current", "keeper": "keeper", "update": "current"}


@dataclass(frozen=True, slots=True)
class Trial:
    """Written by the updater before `current` is swapped. `deadline_s`: the trial's length, counted from the first
    start in each boot by the clock that no one sets."""

    id: str
    release: str
    back: str
    deadline_s: int


@dataclass(frozen=True, slots=True)
class Tries:
    """The selector's own count, of one trial."""

    id: str = ""
    starts: int = 0
    boot: str = ""
    since_s: float = 0.0
    given_up: str = ""
    """Why the trial is over: '', `starts`, `deadline`, `broken`."""


@dataclass(frozen=True, slots=True)
class Choice:
    release: str
    tries: Tries


def choose(
    current: str, complete: Sequence[str], trial: Trial | None, tries: Tries, boot: str, now_s: float
) -> Choice:
    """The release to run. `complete`: names of whole releases, newest first. A release that is not whole is never
    run while there is another."""
    if trial is None or trial.release != current:
        return Choice(current if current in complete else _other(current, complete), Tries())
    if tries.id != trial.id:
        tries = Tries(trial.id, 0, boot, now_s)
    if tries.boot != boot:
        tries = replace(tries, boot=boot, since_s=now_s)
    why = tries.given_up or _over(current in complete, tries, trial, now_s)
    if why and trial.back in complete:
        return Choice(trial.back, replace(tries, given_up=why))
    return Choice(current, replace(tries, starts=tries.starts + 1))


def _over(whole: bool, tries: Tries, trial: Trial, now_s: float) -> str:
    if not whole:
        return "broken"
    if tries.starts >= STARTS:
        return "starts"
    return "deadline" if now_s - tries.since_s > trial.deadline_s else ""


def _other(current: str, complete: Sequence[str]) -> str:
    return complete[0] if complete else current


def releases(opt: Path) -> list[str]:
    """Names of the whole releases, the one that was completed last first."""
    found: list[tuple[float, str]] = []
    with suppress(OSError):
        for folder in (opt / "releases").iterdir():
            with suppress(OSError):
                if not folder.name.endswith(".tmp"):
                    found.append(((folder / COMPLETE).stat().st_mtime, folder.name))
    return [name for _, name in sorted(found, reverse=True)]


def linked(link: Path) -> str:
    """The release that a link names, '' when there is none."""
    try:
        return Path(os.readlink(link)).name
    except OSError:
        return ""


def read_trial(path: Path) -> Trial | None:
    """The trial that is on; None = none. What cannot be read is none: the updater writes it whole or not at all."""
    tree = _tree(path)
    try:
        return Trial(str(tree["id"]), str(tree["release"]), str(tree["back"]), int(str(tree["deadline_s"])))
    except (KeyError, ValueError):
        return None


def read_tries(path: Path) -> Tries:
    tree = _tree(path)
    try:
        return Tries(
            str(tree["id"]),
            int(str(tree["starts"])),
            str(tree["boot"]),
            float(str(tree["since_s"])),
            str(tree["given_up"]),
        )
    except (KeyError, ValueError):
        return Tries()


def _tree(path: Path) -> Mapping[str, object]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}


def keep(path: Path, tries: Tries) -> None:
    """Count on the card before the release is started. Raises OSError."""
    new = path.with_suffix(".new")
    with open(new, "w", encoding="utf-8") as file:
        json.dump(asdict(tries), file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def pick(root: Path, program: str, now_s: float) -> str:
    """The release to run for `program`, with a trial's start counted. Controller and keeper are tried, the keeper
    later and while its room is off; the updater runs what is current."""
    opt = root / OPT
    current = linked(opt / LINKS[program]) or linked(opt / "current")
    whole = releases(opt)
    if program not in COUNTED:
        return current if current in whole else _other(current, whole)
    trial_path, tries_path = (root / one for one in COUNTED[program])
    before, trial = read_tries(tries_path), read_trial(trial_path)
    chosen = choose(current, whole, trial, before, boot_id(root), now_s)
    if chosen.tries != before:
        try:
            keep(tries_path, chosen.tries)
        except OSError as error:
            sys.stderr.write(f"selector: {error}\n")
            return trial.back if trial is not None and trial.back in whole else chosen.release
    if chosen.tries.given_up:
        sys.stderr.write(f"selector: {current} given up ({chosen.tries.given_up}), running {chosen.release}\n")
    return chosen.release


def pause_s(starts: Sequence[float], now_s: float) -> float:
    """How long the next start waits. `starts`: the ones before it in this boot, the oldest first."""
    short, later = 0, now_s
    for start_s in reversed(starts):
        if not 0 <= later - start_s < SHORT_S + MOST_S or short > 2 * FREE:
            break
        short, later = short + 1, start_s
    return min(MOST_S, 2.0 ** (short - FREE)) if short >= FREE else 0.0


def hold_back(root: Path, now_s: float) -> None:
    """Wait where the controller has ended at once again and again; in memory only, so that a boot begins anew. The
    keeper never waits."""
    path = root / STARTED
    with suppress(OSError):
        found: list[float] = []
        with suppress(FileNotFoundError, ValueError, TypeError, RecursionError):
            found = [float(one) for one in json.loads(path.read_text(encoding="utf-8"))][-3 * FREE :]
        new = path.with_suffix(".new")
        new.write_text(json.dumps([*found, now_s]), encoding="utf-8")
        new.replace(path)
        if waits_s := pause_s(found, now_s):
            sys.stderr.write(f"selector: {len(found)} short lives, waiting {waits_s:.0f} s\n")
            time.sleep(waits_s)


def boot_id(root: Path) -> str:
    try:
        return (root / BOOT_ID).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def paths(release: Path, program: str) -> list[str]:
    """A release's folders for this Python and machine. The updater's libraries are on the updater's path only."""
    abi = f"cp{sys.version_info.major}{sys.version_info.minor}-{platform.machine()}"
    site = release / "site"
    found = [site / "common", site / abi]
    if program == "update":
        found += [site / "update" / "common", site / "update" / abi]
    # What the system has and no wheel brings (python3-lgpio for Python 3.13), linked by the installer.
    return [str(one) for one in (*found, release.parent.parent / "system")]


def main(argv: Sequence[str]) -> int:
    """Replace this process by the program; returns only where there is nothing to run (78, EX_CONFIG)."""
    root = Path("/")
    if argv[:1] == ["--root"]:  # a tree that is not booted: tests, and a card in a reader
        root, argv = Path(argv[1]), argv[2:]
    if not argv or argv[0] not in PROGRAMS:
        sys.stderr.write(f"selector: one of {', '.join(PROGRAMS)}\n")
        return 64
    program, rest = argv[0], [*argv[1:]]
    if rest[:1] == ["--"]:
        rest = rest[1:]
    if program == "controller":
        hold_back(root, time.clock_gettime(time.CLOCK_BOOTTIME))
    name = pick(root, program, time.clock_gettime(time.CLOCK_BOOTTIME))
    release = root / OPT / "releases" / name
    if not name or not release.is_dir():
        sys.stderr.write(f"selector: no release in {release.parent}\n")
        return 78
    os.environ["PYTHONPATH"] = ":".join(paths(release, program))
    os.environ["DIEMCAU_RELEASE"] = name
    # The same process: readiness, watchdog and credentials are the program's. -P, -s: nothing else is imported.
    return os.execv(sys.executable, [sys.executable, "-s", "-P", "-m", *PROGRAMS[program], *rest])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
