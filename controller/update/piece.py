"""One file of the configuration on trial: put in the place of the old one, watched as a release is, and taken back
when it does no good.

    before, trial, the file → restart → watch → keep or back

At every moment the file is wholly the old or wholly the new one, and while a trial is noted `NAME.before` is the
old one: the same file under a second name, so that the way back needs no space on the card. A file that was not
there before goes again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from controller.update import gate
from controller.update.disk import Disk
from controller.update.gate import Health, Times
from controller.update.kept import STATE, Said, names, read_tree
from controller.update.selector import BOOT_ID
from controller.update.system import CONTROLLER, System

MODE = 0o640
"""The room's user reads it by its group."""

Tell = Callable[[str, str, tuple[object, ...]], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """`old`, `new`: SHA-256 of the file before and with it; `signed`: of what the office has signed. `boot`: in
    which it began. `before`: the room's health then, of what the new file still has."""

    old: str
    new: str
    signed: str
    boot: str
    before: Health


@dataclass(frozen=True, slots=True)
class Ours:
    """What was taken last: its signed hash and the hash of the file that was written; '' = nothing yet. `failed`:
    signed hashes that were taken back."""

    signed: str
    file: str
    failed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """How it is told: codes `update.KIND_…`, each with `about` before its own arguments; `changed` = by hand."""

    kind: str
    changed: str
    about: tuple[object, ...] = ()

    def said(self, stage: str, word: str, *args: object) -> Said:
        return Said(stage, f"update.{self.kind}_{word}", (*self.about, *args))


class Piece:
    """`path`: the file. `state`: what its own files in the updater's state folder are called. Methods raise OSError
    of our own card."""

    def __init__(
        self, system: System, disk: Disk, times: Times, tell: Tell, path: Path, state: str, words: Words
    ) -> None:
        self._system, self._disk, self._times, self._tell = system, disk, times, tell
        self.path, self.words, self._name = path, words, state
        self._state = system.root / STATE
        self._before = path.with_name(f"{path.name}.before")

    @property
    def here(self) -> str:
        """The hash of the file that stands there; '' = there is none."""
        return digest(self.path)

    def recover(self) -> Said | None:
        """After a cut: a trial that is on is judged, one that had not begun or was over goes. None = nothing is
        under way."""
        trial = self._trial()
        if trial is None:
            return None
        here, ours, booted = self.here, self.kept(), trial.boot != self._boot()
        undone = trial.signed in ours.failed and ours.signed != trial.signed
        if here == trial.old and undone and not booted:
            self._restart()  # it may have run with the new one until now
        if here == trial.new and undone:
            return self._back(trial, f"update.{self.words.kind}_cut")
        if here != trial.new or ours.signed == trial.signed:
            self._end()
            return None
        if booted:
            return self._judge(trial, restarted=False)
        if why := gate.in_the_way(self._system.view()):
            return Said("waiting", *why)
        return self._judge(trial)

    def tried(self, text: bytes, signed: str, before: Health) -> Said:
        """Put `text` there, watch it, keep it or take it back."""
        old = text_of(self.path)
        self._keep_before(old)
        trial = Trial(self.here, hash_of(text), signed, self._boot(), before)
        tree = {"old": trial.old, "new": trial.new, "signed": signed, "boot": trial.boot}
        self._put(f"{self._name}-trial.json", {**tree, "before": gate.written(before)})
        self._disk.replace(self.path, text, MODE)
        return self._judge(trial)

    def laid(self, text: bytes, signed: str) -> None:
        """Put `text` there, where nothing reads it yet."""
        self._disk.replace(self.path, text, MODE)
        self.keep(replace(self.kept(), signed=signed, file=hash_of(text)))

    def _keep_before(self, old: bytes) -> None:
        if not self.path.exists():
            return
        with suppress(OSError):
            self._disk.twin(self.path, self._before)
            return
        self._disk.replace(self._before, old, MODE)  # not root's own

    def _put_back(self, trial: Trial) -> None:
        if not trial.old:
            self._disk.remove(self.path)
            self._disk.sync_folder(self.path.parent)
            return
        with suppress(OSError):
            self._disk.twin(self._before, self.path)
            return
        self._disk.rename(self._before, self.path)
        self._disk.sync_folder(self.path.parent)

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
                self.keep(Ours(trial.signed, trial.new, self.kept().failed - {trial.signed}))
                self._end()
                return self.words.said("done", "done")
            self.tell("watching")
            self._system.sleep(self._times.look)

    def _back(self, trial: Trial, *why: object) -> Said:
        """First the mark, so that a cut cannot make us try it again for ever; a card that does not take it keeps no
        bad file. The trial's end comes last, so that no restart is left out."""
        ours = self.kept()
        with suppress(OSError):
            self.keep(replace(ours, failed=ours.failed | {trial.signed}))
        if self.here == trial.new:
            self._put_back(trial)
        self._restart()
        self._end()
        return self.words.said("back", "back", *why)

    def _restart(self) -> None:
        """A unit that does not come up is what the watch is for."""
        try:
            self._system.restart(CONTROLLER)
        except OSError:
            self._tell("watching", "update.unit", (CONTROLLER,))

    def tell(self, stage: str) -> None:
        """`testing` or `watching`."""
        said = self.words.said(stage, stage)
        self._tell(said.stage, said.code, said.args)

    # ---- what is kept

    def kept(self) -> Ours:
        tree = read_tree(self._state / f"{self._name}.json")
        return Ours(str(tree.get("signed", "")), str(tree.get("file", "")), names(tree.get("failed")))

    def keep(self, ours: Ours) -> None:
        failed = sorted(ours.failed)[-16:]
        self._put(f"{self._name}.json", {"signed": ours.signed, "file": ours.file, "failed": failed})

    def _trial(self) -> Trial | None:
        tree = read_tree(self._state / f"{self._name}-trial.json")
        if not tree:
            return None
        before = tree.get("before")
        old, new, signed, boot = (str(tree.get(name, "")) for name in ("old", "new", "signed", "boot"))
        return Trial(old, new, signed, boot, gate.read(before if isinstance(before, dict) else {}))

    def _end(self) -> None:
        self._disk.remove(self._state / f"{self._name}-trial.json")
        self._disk.sync_folder(self._state)

    def _put(self, name: str, tree: Mapping[str, object]) -> None:
        self._disk.replace(self._state / name, json.dumps(tree).encode())

    def _boot(self) -> str:
        return text_of(self._system.root / BOOT_ID).decode("ascii", "replace").strip()


def text_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def hash_of(text: bytes) -> str:
    return sha256(text).hexdigest()


def digest(path: Path) -> str:
    """'' = there is none."""
    return hash_of(path.read_bytes()) if path.exists() else ""
