"""The room's configuration as the office has signed it, `config/ROOM/room.toml`: checked by the release that runs,
put in the place of the old one, watched as a release is, and taken back when it does no good.

    fetch → own contacts kept → self-test → not in use → before, trial, room.toml → restart → watch → keep or back

At every moment room.toml is wholly the old or wholly the new one, and while a trial is noted `room.toml.before` is
the old one: the same file under a second name, so that the way back needs no space on the card. What a technician
has changed by hand stays until something newer is signed. Contacts are personal and not published (R23): those of
the room stay where the signed file has none.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from controller.update import gate
from controller.update.client import Client, Found, Refused
from controller.update.disk import Disk
from controller.update.gate import Health, Times
from controller.update.kept import ROOM_TOML, STATE, Said, names, read_tree
from controller.update.selector import BOOT_ID
from controller.update.system import CONTROLLER, NOT_MADE, System, present

LARGEST_BYTES = 1 << 20
QUIET_S = 120.0
"""Shorter than a release's: the program is the same that has run well before."""
MODE = 0o640
"""The room's user reads it by its group."""

Tell = Callable[[str, str, tuple[object, ...]], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """`old`, `new`: SHA-256 of room.toml before and with it; `signed`: of what the office has signed. `boot`: in
    which it began. `before`: the room's health then, of what the new file still has."""

    old: str
    new: str
    signed: str
    boot: str
    before: Health


class Settings:
    """Methods raise OSError of our own card."""

    def __init__(self, system: System, disk: Disk, times: Times, forced: bool, tell: Tell) -> None:
        self._system, self._disk, self._forced, self._tell = system, disk, forced, tell
        self._times = replace(times, quiet=min(times.quiet, QUIET_S))
        self._state = system.root / STATE
        self._room = system.root / ROOM_TOML
        self._before = self._room.with_name("room.toml.before")
        self._next = self._room.with_name("room.next.toml")

    def recover(self) -> Said | None:
        """After a cut: a trial that is on is judged, one that had not begun or was over goes. None = nothing is
        under way."""
        self._disk.remove(self._next)
        trial = self._trial()
        if trial is None:
            return None
        here, ours, booted = _digest(self._room), self._kept(), trial.boot != self._boot()
        undone = trial.signed in ours.failed and ours.signed != trial.signed
        if here == trial.old and undone and not booted:
            self._restart()  # it may have run with the new one until now
        if here == trial.new and undone:
            return self._back(trial, "update.settings_cut")
        if here != trial.new or ours.signed == trial.signed:
            self._end()
            return None
        if booted:
            return self._judge(trial, restarted=False)
        if why := gate.in_the_way(self._system.view()):
            return Said("waiting", *why)
        return self._judge(trial)

    def once(self, client: Client, room: str, release: Path) -> Said | None:
        """Take what is signed for `room`, once it is another than was taken last. `client` is refreshed; `release`
        runs. None = there is nothing to say."""
        try:
            return self._once(client, room, release)
        except Refused as error:
            return Said("failed", error.code, error.args[1:])

    def _once(self, client: Client, room: str, release: Path) -> Said | None:
        found = client.find(f"config/{room}/room.toml", self._disk)
        if found is None:
            return None
        here, ours = _digest(self._room), self._kept()
        if here and found.sha256 == ours.signed:
            return None if here == ours.file else Said("idle", "update.local_change")
        if found.sha256 in ours.failed and not self._forced:
            return Said("idle", "update.settings_failed")
        text = self._fetched(client, found, room)
        if _hash(text) == here:
            self._keep(replace(ours, signed=found.sha256, file=here))
            return None
        return self._try(text, found.sha256, release)

    def _fetched(self, client: Client, found: Found, room: str) -> bytes:
        """The signed file with the contacts of the room."""
        if found.length > LARGEST_BYTES:
            raise Refused("update.not_trusted", found.name)
        path = self._state / "download" / "room.toml"
        client.fetch(found, path)
        text = path.read_bytes()
        path.unlink()
        tree = _parsed(text)
        about = tree.get("room")
        slug = about.get("slug") if isinstance(about, Mapping) else None
        if slug != room:
            raise Refused("update.settings_other", str(slug)[:40], room)
        return text if "contacts" in tree else with_contacts(text, self._text(self._room))

    def _try(self, text: bytes, signed: str, release: Path) -> Said:
        self._tell("testing", "update.settings_testing", ())
        self._disk.create(self._next, (text,), MODE)
        code, fault = self._system.settings_test(release, self._next)
        self._disk.remove(self._next)
        if code == NOT_MADE:
            return Said("waiting", code, ("room.toml", fault))
        if code:
            return Said("failed", code, (fault,) if fault else ())
        if why := gate.in_the_way(present(self._system, self._times.look)):
            return Said("waiting", *why)
        before = still(self._system.health(), _parsed(text))
        return self._judge(self._begin(text, signed, before))

    def _begin(self, text: bytes, signed: str, before: Health) -> Trial:
        old = self._text(self._room)
        self._keep_before(old)
        trial = Trial(_hash(old), _hash(text), signed, self._boot(), before)
        tree = {"old": trial.old, "new": trial.new, "signed": signed, "boot": trial.boot}
        self._put("settings-trial.json", {**tree, "before": gate.written(before)})
        self._disk.replace(self._room, text, MODE)
        return trial

    def _keep_before(self, old: bytes) -> None:
        with suppress(OSError):
            self._disk.twin(self._room, self._before)
            return
        self._disk.replace(self._before, old, MODE)  # none yet, or not root's own

    def _put_back(self) -> None:
        with suppress(OSError):
            self._disk.twin(self._before, self._room)
            return
        self._disk.rename(self._before, self._room)
        self._disk.sync_folder(self._room.parent)

    def _judge(self, trial: Trial, restarted: bool = True) -> Said:
        """Relays may move: another configuration may want them otherwise. Their lines are the same."""
        if restarted:
            self._restart()
        began_s = self._system.mono_s()
        while True:
            since_s = self._system.mono_s() - began_s
            verdict = gate.judge(trial.before, self._system.health(), since_s, True, self._times)
            if verdict.good is False and not gate.in_use(self._system.view()):
                return self._back(trial, verdict.code, *verdict.args)
            if verdict.good:
                self._keep(Ours(trial.signed, trial.new, self._kept().failed - {trial.signed}))
                self._end()
                return Said("done", "update.settings_done")
            self._tell("watching", "update.settings_watching", ())
            self._system.sleep(self._times.look)

    def _back(self, trial: Trial, *why: object) -> Said:
        """First the mark, so that a cut cannot make us try it again for ever; a card that does not take it keeps no
        bad file. The trial's end comes last, so that no restart is left out."""
        ours = self._kept()
        with suppress(OSError):
            self._keep(replace(ours, failed=ours.failed | {trial.signed}))
        if _digest(self._room) == trial.new:
            self._put_back()
        self._restart()
        self._end()
        return Said("back", "update.settings_back", why)

    def _restart(self) -> None:
        """A unit that does not come up is what the watch is for."""
        try:
            self._system.restart(CONTROLLER)
        except OSError as error:
            self._tell("watching", "update.unit", (str(error),))

    # ---- what is kept

    def _kept(self) -> Ours:
        tree = read_tree(self._state / "settings.json")
        return Ours(str(tree.get("signed", "")), str(tree.get("file", "")), names(tree.get("failed")))

    def _keep(self, ours: Ours) -> None:
        failed = sorted(ours.failed)[-16:]
        self._put("settings.json", {"signed": ours.signed, "file": ours.file, "failed": failed})

    def _trial(self) -> Trial | None:
        tree = read_tree(self._state / "settings-trial.json")
        if not tree:
            return None
        before = tree.get("before")
        old, new, signed, boot = (str(tree.get(name, "")) for name in ("old", "new", "signed", "boot"))
        return Trial(old, new, signed, boot, gate.read(before if isinstance(before, dict) else {}))

    def _end(self) -> None:
        self._disk.remove(self._state / "settings-trial.json")
        self._disk.sync_folder(self._state)

    def _put(self, name: str, tree: Mapping[str, object]) -> None:
        self._disk.replace(self._state / name, json.dumps(tree).encode())

    def _boot(self) -> str:
        return self._text(self._system.root / BOOT_ID).decode("ascii", "replace").strip()

    @staticmethod
    def _text(path: Path) -> bytes:
        return path.read_bytes() if path.exists() else b""


@dataclass(frozen=True, slots=True)
class Ours:
    """What was taken last: its signed hash and the hash of the file that was written; '' = nothing yet. `failed`:
    signed hashes that were taken back."""

    signed: str
    file: str
    failed: frozenset[str]


def with_contacts(text: bytes, own: bytes) -> bytes:
    """`text` with the contacts of `own` behind it, as they are written there. Raises Refused where they cannot be
    told from the rest; a file of our own that is broken has none."""
    try:
        contacts = tomllib.loads(own.decode("utf-8-sig")).get("contacts")
    except ValueError:
        contacts = None
    if not contacts:
        return text
    joined = text.rstrip() + b"\n\n" + _tables(own.decode("utf-8-sig"), "contacts").encode()
    if _parsed(joined) != {**_parsed(text), "contacts": contacts}:
        raise Refused("update.settings_contacts")
    return joined


def _tables(text: str, name: str) -> str:
    """The lines of the tables `[name]` and `[name.…]`."""
    inside, lines = False, []
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            head = line.strip().lstrip("[").partition("]")[0]
            inside = head.partition(".")[0].strip(" \"'") == name
        lines += [line] if inside else []
    return "".join(lines).rstrip() + "\n"


def still(found: Health, tree: Mapping[str, object]) -> Health:
    """Without the devices that the configuration `tree` no longer has: they owe no answer. A room that shall work
    alone owes no broker."""
    answers = frozenset(one for one in found.answers if one == "keeper" or _has(tree, one))
    return replace(found, answers=answers, broker=found.broker and "mqtt" in tree)


def _has(tree: Mapping[str, object], device: str) -> bool:
    """`device` as the gate names it: `codec`, `camera.main` for `[cameras.main]`."""
    part, _, name = device.partition(".")
    table = tree.get(part, tree.get(f"{part}s"))
    return table is not None and (not name or (isinstance(table, Mapping) and name in table))


def _parsed(text: bytes) -> Mapping[str, object]:
    """Raises Refused."""
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except ValueError as error:
        raise Refused("update.settings_wrong", str(error)) from error


def _hash(text: bytes) -> str:
    return sha256(text).hexdigest()


def _digest(path: Path) -> str:
    """'' = there is none."""
    return _hash(path.read_bytes()) if path.exists() else ""
