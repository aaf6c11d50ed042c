"""Releases on the card: unpacked beside the running one, tried, kept or taken back. Two are kept, and the keeper's.

At every moment, also when the power goes between two steps: `current` names a whole release, and a trial names two
whole ones, of which `current` is one. `recover` brings the rest in order, at the start of every run of the updater.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from controller.update.disk import Disk
from controller.update.selector import (
    COMPLETE,
    KEEPER_TRIAL,
    KEEPER_TRIES,
    OPT,
    TRIAL,
    TRIES,
    Trial,
    boot_id,
    linked,
    read_trial,
    read_tries,
    releases,
)

TMP = ".tmp"
TRIAL_S = 15 * 60
"""Start (90 s), five quiet minutes, devices that answer late, and room for one restart."""


@dataclass(frozen=True, slots=True)
class Slots:
    """`root`: the tree that /opt and /var lie in."""

    root: Path
    disk: Disk

    @property
    def opt(self) -> Path:
        return self.root / OPT

    @property
    def current(self) -> str:
        return linked(self.opt / "current")

    @property
    def keeper(self) -> str:
        return linked(self.opt / "keeper")

    @property
    def whole(self) -> list[str]:
        """Whole releases, newest first."""
        return releases(self.opt)

    @property
    def trial(self) -> Trial | None:
        return read_trial(self.root / TRIAL)

    @property
    def given_up(self) -> str:
        """Why the selector no longer runs the trial's release; '' while it does."""
        trial, tries = self.trial, read_tries(self.root / TRIES)
        return tries.given_up if trial is not None and tries.id == trial.id else ""

    @property
    def started(self) -> bool:
        """Whether what runs since this boot is the trial's release: the selector starts the old one where it cannot
        count (a card that is full for all but root), and one that nobody has started is not to be judged."""
        trial, tries = self.trial, read_tries(self.root / TRIES)
        counted = trial is not None and tries.id == trial.id and tries.boot == boot_id(self.root)
        return counted and tries.starts > 0 and not tries.given_up

    def folder(self, release: str) -> Path:
        return self.opt / "releases" / release

    def signed(self, release: str) -> str:
        """The hash that the release's bundle was signed with, in hex; '' = the installer brought it, or there is
        none."""
        try:
            return (self.folder(release) / COMPLETE).read_text(encoding="ascii")
        except (OSError, ValueError):
            return ""

    def has(self, release: str, signed: str) -> bool:
        """Whether it is there whole and of that bundle: the same number may have been signed twice."""
        return release in self.whole and self.signed(release) == signed != ""

    def add(self, release: str, signed: str, unpack: Callable[[Path], None]) -> None:
        """Unpack a release beside the others: `unpack` fills a folder and syncs every file and folder in it.
        Raises what it raises, what it left is removed; ValueError where another bundle's is in use."""
        if self.has(release, signed):
            return
        folder = self.folder(release)
        if release in self.whole:
            if release in (self.current, self.keeper):
                raise ValueError(f"{release} is in use")
            self._unmark(release)
        tmp = folder.with_name(release + TMP)
        self.disk.remove(tmp)
        self.disk.remove(folder)  # without its mark: of a run that was cut
        try:
            unpack(tmp)
            self.disk.create(tmp / COMPLETE, (signed.encode("ascii"),))
            self.disk.sync_folder(tmp)
            self.disk.rename(tmp, folder)
            self.disk.sync_folder(folder.parent)
        except (OSError, ValueError):
            self.disk.remove(tmp)
            raise

    def begin(self, release: str, deadline_s: int = TRIAL_S) -> Trial:
        """The next start of the controller is `release`, on trial."""
        trial = Trial(uuid.uuid4().hex, release, self.current, deadline_s)
        self._note(TRIAL, trial)
        self._point("current", release)
        return trial

    def commit(self) -> None:
        """What is tried stays."""
        self._forget(TRIAL)

    def back(self) -> str:
        """The old release is current again. Returns its name, '' when no trial was on."""
        trial = self.trial
        if trial is None:
            return ""
        if self.current != trial.back:
            self._point("current", trial.back)
        self.commit()
        return trial.back

    # ---- the keeper, which follows later

    @property
    def keeper_trial(self) -> Trial | None:
        return read_trial(self.root / KEEPER_TRIAL)

    @property
    def keeper_given_up(self) -> str:
        """As `given_up`."""
        trial, tries = self.keeper_trial, read_tries(self.root / KEEPER_TRIES)
        return tries.given_up if trial is not None and tries.id == trial.id else ""

    @property
    def keeper_uncounted(self) -> bool:
        """Whether the old keeper runs because the selector could not count the trial's start. A selector that an
        older Diemcau has installed counts no keeper, and starts what it finds."""
        trial, tries = self.keeper_trial, read_tries(self.root / KEEPER_TRIES)
        try:
            counts = Path(KEEPER_TRIAL).name in (self.opt / "selector.py").read_text(encoding="utf-8")
        except (OSError, ValueError):
            counts = False
        return counts and trial is not None and tries.id != trial.id

    def begin_keeper(self, release: str) -> Trial:
        """Only while the room is off: the keeper is restarted after it."""
        trial = Trial(uuid.uuid4().hex, release, self.keeper, TRIAL_S)
        self._note(KEEPER_TRIAL, trial)
        self._point("keeper", release)
        return trial

    def end_keeper(self) -> None:
        """What is tried stays, or was taken back."""
        self._forget(KEEPER_TRIAL)

    def keeper_back(self) -> bool:
        """Whether there is a way back; taken, the keeper is restarted after it."""
        trial = self.keeper_trial
        there = trial is not None and trial.back in self.whole
        if trial is not None and there:
            self._point("keeper", trial.back)
        self.end_keeper()
        return there

    def recover(self) -> Trial | None:
        """After a cut: rubbish goes; a trial whose release is not current had not begun, or was taken back, and one
        whose release was not started has not begun either. A release that has lost its mark is current no more: the
        selector runs another. Returns the trial that is still to be judged."""
        for path in sorted((self.opt / "releases").iterdir()):
            if path.name != self.current and path.name not in self.whole:
                with suppress(OSError):  # it lies there till it can be removed; a trial must end all the same
                    self.disk.remove(path)
        trial = self.trial
        if trial is not None and trial.release != self.current:
            self.commit()
            return None
        if trial is not None and trial.release in self.whole and (self.started or self.given_up):
            return trial
        if trial is not None and trial.back in self.whole:
            self.back()
        if self.current not in self.whole and self.whole:
            self._point("current", self.whole[0])
        return self.trial

    def tidy(self) -> None:
        """Two releases are kept, beside what the keeper runs and a trial needs."""
        trials = [trial for trial in (self.trial, self.keeper_trial) if trial is not None]
        needed = {self.current, self.keeper, *(one for trial in trials for one in (trial.release, trial.back))}
        others = [name for name in self.whole if name not in needed]
        for name in others[max(0, 2 - len(needed)) :]:
            self._unmark(name)
            self.disk.remove(self.folder(name))

    def _unmark(self, release: str) -> None:
        """First: a half-removed release is none."""
        folder = self.folder(release)
        self.disk.remove(folder / COMPLETE)
        self.disk.sync_folder(folder)

    def _note(self, name: str, trial: Trial) -> None:
        self.disk.replace(self.root / name, json.dumps(asdict(trial)).encode())

    def _forget(self, name: str) -> None:
        self.disk.remove(self.root / name)
        self.disk.sync_folder((self.root / name).parent)

    def _point(self, link: str, release: str) -> None:
        if release not in self.whole:
            raise ValueError(f"{release} is not whole")
        self.disk.link(self.opt / link, f"releases/{release}")
