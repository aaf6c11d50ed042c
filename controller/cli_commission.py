"""`diemcau commission`: the fourteen steps at the Pi, over ssh from a phone and with the panel's two buttons.

Works while the controller is stopped, and says how to stop it (cli_commission_rig says why). Each finished item is
on the card before the next begins, and a signed record in the journal. Exit codes: 0 = nothing is left; 1 = made,
and not accepted; 64 = wrong user or step; 75 = stopped by the person, or the controller runs; 78 = configuration.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from controller import config
from controller.cli_commission_files import PAPER, PROPOSED, Shelf, other_user
from controller.cli_commission_journal import log
from controller.cli_commission_rig import PiRig, Start, Terminal, WatchRig, panel
from controller.cli_commission_site import site_of
from controller.cli_commission_words import Speech
from controller.cli_look import running
from controller.cli_words import NOT_NOW, USAGE, WRONG, complain, quiet
from controller.commission import learn
from controller.commission.book import Book
from controller.commission.driver import Driver, Left
from controller.commission.place import Place
from controller.commission.sealed import ACCEPTED
from controller.commission.site import Site
from controller.commission.steps import ACCEPTANCE, STEPS, Step, accepted, following, reopened
from controller.commission.talk import Talk, Verdict, passed, write
from controller.commission.wording import item, outcome
from controller.config_learnt import identity
from controller.config_model import RoomConfig
from controller.plan_make import plan_of
from controller.runtime.clock import Clock
from controller.texts import ReadableError, text

LEARNS = (2, 4, 11)
"""After these steps there is something new for learnt.toml."""


class Runs(Exception):
    """The controller runs, and this item needs its devices."""


@dataclass(slots=True)
class Sitting:
    """One person, one room, until nothing is left or they go."""

    cfg: RoomConfig
    rooms: Sequence[Path]
    lang: str
    shelf: Shelf
    terminal: Terminal
    clock: Clock = field(default_factory=Clock)
    panel: Start | None = panel
    by: str = ""
    book: Book = field(init=False)
    site: Site = field(init=False)
    speech: Speech = field(init=False)
    _rig: PiRig | WatchRig | None = None
    _driver: Driver | None = None

    def __post_init__(self) -> None:
        self.site = site_of(self.cfg, unused(self.cfg))
        self.speech = Speech(self.site, self.lang, self.terminal.write)
        self.book = self.shelf.load()

    @property
    def key(self) -> bytes:
        """The room's private key, for the seal."""
        return identity(self.cfg.model_dump())

    def say(self, code: str, *args: object) -> None:
        self.speech.line(text(f"commission.say.{code}", self.lang, args))

    def run(self, only: int) -> int:
        """Step after step. The exit code."""
        if self.shelf.lost:
            self.say("again", self.shelf.lost)
        if only:
            self.reopen(only)
        self.say("help")
        try:
            while (left := following(self.site, self.book, only)) is not None:
                self.make(*left)
        except Runs:
            self.say("running")
            return NOT_NOW
        except Left:
            self.say("kept")
            return NOT_NOW
        finally:
            self.stop()
        return self.end(only)

    def reopen(self, only: int) -> None:
        """Something was changed: until all is signed again the room only watches. A step that is half made, as
        after its own power cut, goes on; a whole one begins anew."""
        whole = following(self.site, self.book, only) is None
        self.book = reopened(self.book, only if whole else ACCEPTANCE)
        self.shelf.save(self.book)
        self.shelf.withdraw()

    def make(self, step: Step, name: str) -> None:
        """One item: asked, made, on the card, in the journal, told."""
        driver = self.driver(name in step.watched)
        if not self.by:
            self.by = str(driver.play(_who()).figures[0][1])
        self.say("step", step.n, text(f"commission.step.{step.n}", self.lang))
        self.say("item", item(step.n, name, self.site, self.lang))
        assert self._rig is not None
        verdict = driver.play(step.talk(Place(self.site, self.book, name, self._rig.boot)))
        now = self.clock.now()
        self.book = self.book.enter(step.n, name, verdict, self.by, now.wall_ms, self._rig.boot)
        self.shelf.save(self.book)
        row = self.book.of(step.n, name)
        assert row is not None
        self.say("result", outcome(row, self.site, self.lang))
        self.after(step)

    def driver(self, watched: bool) -> Driver:
        """The devices in our own hands, or the controller's view of them. Raises Runs."""
        runs = running(self.cfg) is not None
        if runs and not watched:
            raise Runs
        kind = WatchRig if runs else PiRig
        if self._driver is None or not isinstance(self._rig, kind):
            self.stop()
            if runs:
                self._rig = WatchRig(self.cfg, self.terminal, self.clock)
            else:
                self._rig = PiRig(plan_of(self.cfg), self.terminal, self.clock, self.panel)
            self._driver = Driver(self.site, self._rig, self.speech)
        return self._driver

    def stop(self) -> None:
        if self._rig is not None:
            self._rig.stop()
        self._rig = self._driver = None

    # ---- what is left behind

    def after(self, step: Step) -> None:
        """Journal, learnt values, corrected wiring, acceptance."""
        if running(self.cfg) is None:
            self.logged()
        if step.n in LEARNS:
            day = datetime.fromtimestamp(self.clock.now().wall_ms / 1000, ZoneInfo(self.cfg.room.timezone))
            self.shelf.learnt(learn.toml(learn.learnt(self.site, self.book, f"{day:%Y-%m-%d}")))
        if step.n == 2:
            self.propose()
        if step.n == ACCEPTANCE:
            self.accept()

    def logged(self) -> None:
        rows = [row for row in self.book.results if not row.logged]
        if log(self.cfg, self.clock, [learn.record(row, self.key) for row in rows]):
            self.book = self.book.all_logged()
            self.shelf.save(self.book)
        else:
            self.say("unlogged")

    def propose(self) -> None:
        """A room.toml with the pins of swapped relays exchanged, for a person to look at."""
        room = next((p for p in self.rooms if "[pack]" not in p.read_text(encoding="utf-8")), None)
        better = learn.swapped(room.read_text(encoding="utf-8"), self.book) if room is not None else None
        if better is not None:
            self.say("proposed", self.shelf.write(PROPOSED, better.encode()))

    def accept(self) -> None:
        """The record, under its seal, and the paper to sign; a refusal is a record too."""
        record = learn.acceptance(self.site, self.book, self.key)
        path = self.shelf.write(ACCEPTED, record.encode())
        self.say("files", path)
        sheet = _paper(self, record)
        if sheet is not None:
            self.say("files", self.shelf.write(PAPER, sheet))

    def end(self, only: int) -> int:
        if only and only != ACCEPTANCE:
            self.say("done_step", only)
            return 0 if all(row.good for row in self.book.step(only)) else WRONG
        good = accepted(self.site, self.book)
        self.say("done", good)
        return 0 if good else WRONG


def _who() -> Talk[Verdict]:
    """Who does it: the name under every record."""
    return passed(name=(yield from write("commission.q.name")))


def _paper(sitting: Sitting, record: str) -> bytes | None:
    """The acceptance record as PDF; None = no library or font for it here, which is said."""
    try:
        from controller.paper.acceptance import acceptance
        from controller.paper.sheet import render
    except ModuleNotFoundError:
        sitting.speech.line(text("paper.no_extra", sitting.lang))
        return None
    zone = ZoneInfo(sitting.cfg.room.timezone)
    blocks = acceptance(sitting.site, sitting.book, record, zone, sitting.lang)
    try:
        title = text("commission.paper.title", sitting.lang)
        return render(blocks, "A4", f"{title}: {sitting.site.name}", pages=True)
    except ReadableError as error:
        complain(error, sitting.lang)
        return None


def unused(cfg: RoomConfig, root: Path = Path("/dev/serial/by-path")) -> tuple[str, ...]:
    """Serial ports of this Pi that room.toml does not name, and that are no other name of one that it does."""
    rows = [cfg.codec.port] if cfg.codec is not None else []
    rows += [cfg.codec.meter.port] if cfg.codec is not None and cfg.codec.meter is not None else []
    rows += [camera.port for camera in cfg.cameras.values()]
    rows += [board.port for board in cfg.boards.values()]
    rows += [spot.modbus.port for spot in cfg.climate.values() if spot.modbus is not None]
    rows += [cfg.ups.serial] if cfg.ups is not None else []
    named = {Path(row).resolve() for row in rows if row is not None}
    ports = {path.resolve(): str(path) for path in sorted(root.iterdir())} if root.is_dir() else {}
    return tuple(name for place, name in ports.items() if place not in named)


def commission(files: Sequence[Path], lang: str | None, step: int, terminal: Terminal | None = None) -> int:
    """See the head of this file."""
    try:
        cfg = config.load(files)
    except config.ConfigError as error:
        return complain(error, lang)
    said = lang or cfg.room.language
    folder = Path(cfg.paths.state_dir)
    if owner := other_user(folder):
        sys.stderr.write(text("commission.say.user", said, (owner,)) + "\n")
        return USAGE
    shelf = Shelf(folder, cfg.room.slug)
    try:
        if not shelf.lock():
            sys.stderr.write(text("commission.say.busy", said) + "\n")
            return NOT_NOW
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the phone's connection may go with the network load
        lines = terminal or Terminal()
        lines.start()
        with quiet():
            return Sitting(cfg, files, said, shelf, lines).run(step)
    except OSError as error:
        return complain(error, said)
    finally:
        shelf.close()


CHOICES = tuple(step.n for step in STEPS)
