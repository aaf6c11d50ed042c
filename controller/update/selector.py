"""Which release a service runs: the one step between systemd and our code, so that a bad release cannot keep a room
dead. Copied to /opt/diemcau; the standard library only, and nothing of a release is imported.

    ExecStart=/usr/bin/python3 -I -S /opt/diemcau/selector.py controller -- run --config /etc/diemcau/room.toml

A release on trial is started three times or for `deadline_s`, whichever ends first; then the old one runs again
until the updater has looked. Each start counts, also one after a power cut: on a flickering mains the old release
is the safer one. What cannot be counted is not tried. The choice is a pure function (`choose`).

It stands before every relay that is driven, so it imports almost nothing: `dataclasses`, `pathlib`, `platform` and
`typing` would be half of the keeper's start, and `json` is loaded only where there is something to read.
"""

from __future__ import annotations

import os
import sys
import time
from os.path import join
from types import SimpleNamespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Place = str | os.PathLike[str]

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
COUNTED: Mapping[str, tuple[str, str]] = {"controller": (TRIAL, TRIES), "keeper": (KEEPER_TRIAL, KEEPER_TRIES)}
LINKS: Mapping[str, str] = {"controller": "current", "keeper": "keeper", "update": "current"}


class Trial(SimpleNamespace):
    """Written by the updater before `current` is swapped. `deadline_s`: the trial's length, counted from the first
    start in each boot by the clock that no one sets. A value, as the two below: nobody changes one."""

    def __init__(self, id: str, release: str, back: str, deadline_s: int) -> None:
        self.id, self.release, self.back, self.deadline_s = id, release, back, deadline_s


class Tries(SimpleNamespace):
    """The selector's own count, of one trial. `given_up`: why it is over: '', `starts`, `deadline`, `broken`."""

    def __init__(
        self, id: str = "", starts: int = 0, boot: str = "", since_s: float = 0.0, given_up: str = ""
    ) -> None:
        self.id, self.starts, self.boot, self.since_s, self.given_up = id, starts, boot, since_s, given_up

    def but(self, **fields: str | float) -> Tries:
        """The same with some fields changed."""
        return Tries(**{**vars(self), **fields})


class Choice(SimpleNamespace):
    """The release to run, and what is to be counted first."""

    def __init__(self, release: str, tries: Tries) -> None:
        self.release, self.tries = release, tries


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
        tries = tries.but(boot=boot, since_s=now_s)
    why = tries.given_up or _over(current in complete, tries, trial, now_s)
    if why and trial.back in complete:
        return Choice(trial.back, tries.but(given_up=why))
    return Choice(current, tries.but(starts=tries.starts + 1))


def _over(whole: bool, tries: Tries, trial: Trial, now_s: float) -> str:
    if not whole:
        return "broken"
    if tries.starts >= STARTS:
        return "starts"
    return "deadline" if now_s - tries.since_s > trial.deadline_s else ""


def _other(current: str, complete: Sequence[str]) -> str:
    return complete[0] if complete else current


def releases(opt: Place) -> list[str]:
    """Names of the whole releases, the one that was completed last first."""
    folder = join(opt, "releases")
    try:
        names = [name for name in os.listdir(folder) if not name.endswith(".tmp")]
    except OSError:
        return []
    found = [(_completed_s(join(folder, name)), name) for name in names]
    return [name for at_s, name in sorted(found, reverse=True) if at_s >= 0]


def _completed_s(release: str) -> float:
    """When a release was whole; -1 = it is not."""
    try:
        return os.stat(join(release, COMPLETE)).st_mtime
    except OSError:
        return -1.0


def linked(link: Place) -> str:
    """The release that a link names, '' when there is none."""
    try:
        return os.path.basename(os.readlink(link).rstrip("/"))
    except OSError:
        return ""


def read_trial(path: Place) -> Trial | None:
    """The trial that is on; None = none. What cannot be read is none: the updater writes it whole or not at all."""
    tree = _tree(path)
    try:
        return Trial(str(tree["id"]), str(tree["release"]), str(tree["back"]), int(str(tree["deadline_s"])))
    except (KeyError, ValueError):
        return None


def read_tries(path: Place) -> Tries:
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


def _tree(path: Place) -> Mapping[str, object]:
    tree = _json(path)
    return tree if isinstance(tree, dict) else {}


def _json(path: Place) -> object:
    """What a file says; None where there is none, or none that can be read."""
    text = _text(path)
    if not text:
        return None
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _text(path: Place) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def keep(path: Place, tries: Tries) -> None:
    """Count on the card before the release is started. Raises OSError."""
    _write(path, vars(tries), sync=True)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(path: Place, tree: object, *, sync: bool) -> None:
    """Replace a file whole. Raises OSError."""
    import json

    new = os.path.splitext(path)[0] + ".new"
    with open(new, "w", encoding="utf-8") as file:
        json.dump(tree, file)
        file.flush()
        if sync:
            os.fsync(file.fileno())
    os.replace(new, path)


def pick(root: Place, program: str, now_s: float) -> str:
    """The release to run for `program`, with a trial's start counted. Controller and keeper are tried, the keeper
    later and while its room is off; the updater runs what is current."""
    opt = join(root, OPT)
    current = linked(join(opt, LINKS[program])) or linked(join(opt, "current"))
    whole = releases(opt)
    if program not in COUNTED:
        return current if current in whole else _other(current, whole)
    trial_path, tries_path = (join(root, one) for one in COUNTED[program])
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


def hold_back(root: Place, now_s: float) -> None:
    """Wait where the controller has ended at once again and again; in memory only, so that a boot begins anew. The
    keeper never waits."""
    path = join(root, STARTED)
    said = _json(path)
    found = [one for one in said if isinstance(one, int | float)][-3 * FREE :] if isinstance(said, list) else []
    try:
        _write(path, [*found, now_s], sync=False)
    except OSError:
        return
    if waits_s := pause_s(found, now_s):
        sys.stderr.write(f"selector: {len(found)} short lives, waiting {waits_s:.0f} s\n")
        time.sleep(waits_s)


def boot_id(root: Place) -> str:
    return _text(join(root, BOOT_ID)).strip()


def paths(release: Place, program: str) -> list[str]:
    """A release's folders for this Python and machine. The updater's libraries are on the updater's path only."""
    abi = f"cp{sys.version_info.major}{sys.version_info.minor}-{os.uname().machine}"
    found = [join(release, "site", "common"), join(release, "site", abi)]
    if program == "update":
        found += [join(release, "site", "update", "common"), join(release, "site", "update", abi)]
    # What the system has and no wheel brings (python3-lgpio for Python 3.13), linked by the installer.
    return [*found, join(os.path.dirname(os.path.dirname(release)), "system")]


def main(argv: Sequence[str]) -> int:
    """Replace this process by the program; returns only where there is nothing to run (78, EX_CONFIG)."""
    root = "/"
    if argv[:1] == ["--root"]:  # a tree that is not booted: tests, and a card in a reader
        root, argv = argv[1], argv[2:]
    if not argv or argv[0] not in PROGRAMS:
        sys.stderr.write(f"selector: one of {', '.join(PROGRAMS)}\n")
        return 64
    program, rest = argv[0], [*argv[1:]]
    if rest[:1] == ["--"]:
        rest = rest[1:]
    if program == "controller":
        hold_back(root, time.clock_gettime(time.CLOCK_BOOTTIME))
    name = pick(root, program, time.clock_gettime(time.CLOCK_BOOTTIME))
    release = join(root, OPT, "releases", name)
    if not name or not os.path.isdir(release):
        sys.stderr.write(f"selector: no release in {os.path.dirname(release)}\n")
        return 78
    os.environ["PYTHONPATH"] = ":".join(paths(release, program))
    os.environ["DIEMCAU_RELEASE"] = name
    # The same process: readiness, watchdog and credentials are the program's. -P, -s: nothing else is imported.
    return os.execv(sys.executable, [sys.executable, "-s", "-P", "-m", *PROGRAMS[program], *rest])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
