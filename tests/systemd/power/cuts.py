"""One power cut after another, at moments that are drawn by lot."""

from __future__ import annotations

import queue
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.systemd.power.card import WAYS, Card
from tests.systemd.power.series import first, publish
from tests.systemd.power.vm import DEADLINE_S, Machine, image, system

CARD_MB = 128
CUT = "the power goes"
BY_TIME = 0.25
"""Share of cuts after a time, the others come in a write: by time most find a machine that only computes."""
AFTER_END_S = 3.0
FAULTS = ("EXT4-fs error", "JBD2: ", "Kernel panic", "I/O error")


@dataclass
class Life:
    """`broken`: what was wrong with the card when it began, or later; '' = nothing. `end`: the release series is at
    its end. `found`: what the updater was at when the power went before. `lost`: writes that were not flushed."""

    broken: str = ""
    end: bool = False
    done: bool = False
    found: str = ""
    writes: int = 0
    lasted_s: float = 0.0
    lost: int = 0
    said: list[str] = field(default_factory=list)

    def hear(self, line: str | None) -> None:
        """A line of the machine's; None = it has ended by itself."""
        if line is None or any(fault in line for fault in FAULTS):
            self.broken = f"the machine: {line}"
            return
        head, _, rest = line.partition(" ")
        if head == "@said":
            self.said.append(rest)
        elif head == "@found":
            self.found = rest
        elif head == "@broken":
            self.broken = rest or "-"
        self.end, self.done = self.end or head == "@end", self.done or head == "@done"


class Place:
    """A machine and its card. `hasty`: nothing is synced, for the control."""

    def __init__(self, folder: Path, socket_folder: Path) -> None:
        office, sources = publish(folder)
        self._new = image(first(office, folder / "card"), folder / "card.img", CARD_MB).read_bytes()
        self.card = Card(self._new, socket_folder / "card.sock", lambda: self.machine.lines.put(CUT))
        self.machine = Machine(folder, system(folder, sources), self.card.path)
        self.card.power()
        self.machine.prepare()
        self.card.cut("lost", Random(0))
        self._lives = 0

    def renew(self) -> None:
        self.card.put(self._new)

    def live(
        self,
        lots: Random,
        write: int | None = None,
        after_s: float | None = None,
        way: str = "lost",
        hasty: bool = False,
    ) -> Life:
        """One life, ended in this write, or so long after it was found sound; whichever is given, and when
        neither is, when it has nothing more to do."""
        self._lives += 1
        self.card.power(write)
        self.machine.wake(f"go boot-{self._lives} {lots.randbytes(32).hex()} {'hasty' if hasty else 'well'}")
        life, began_s = Life(), time.monotonic()
        self._heard(life, began_s + DEADLINE_S, after_s)
        life.writes, life.lasted_s = self.card.writes, time.monotonic() - began_s
        self.machine.kill()
        life.lost = self.card.cut(way, lots)
        return life

    def _heard(self, life: Life, end_s: float, after_s: float | None) -> None:
        """Returns when it is time to end this life."""
        by_time = False
        while not life.broken and not (life.done and after_s is None):
            try:
                line = self.machine.next(end_s)
            except queue.Empty:
                life.broken = "" if by_time else "it says nothing more"
                return
            if line == CUT:
                return
            life.hear(line)
            if after_s is not None and line is not None and line.startswith("@sound"):
                end_s, by_time = time.monotonic() + after_s, True

    def close(self) -> None:
        self.machine.kill()
        self.card.close()


@dataclass
class Tally:
    """`broken`: what was wrong, each with the cut before it. `found`: what the updater was at when the power went,
    by how often. `ends`: how runs ended. `lossy`: cuts with writes that were not flushed."""

    cuts: int = 0
    broken: list[str] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    lossy: int = 0

    def count(self, life: Life) -> None:
        self.found[life.found] += 1
        self.ends.update(" ".join(one.split()[:2]) for one in life.said)
        self.lossy += life.lost > 0


def measure(place: Place, lots: Random) -> Life:
    """A life that nobody ends: how many writes there are, and how long it takes."""
    life = place.live(lots)
    assert not life.broken, life.broken
    assert life.done
    return life


def cut_again_and_again(place: Place, count: int, lots: Random, hasty: bool = False, enough: int = 0) -> Tally:
    """So many cuts, or until so many cards were broken; a broken card is replaced."""
    usual, tally, before = measure(place, lots), Tally(), "a whole life"
    while tally.cuts < count and not (enough and len(tally.broken) >= enough):
        way, by_time = lots.choice(WAYS), lots.random() < BY_TIME
        after_s = lots.uniform(0, usual.lasted_s + AFTER_END_S) if by_time else None
        write = None if by_time else lots.randint(1, usual.writes)
        life = place.live(lots, write, after_s, way, hasty)
        tally.cuts += 1
        tally.count(life)
        if life.broken:
            tally.broken.append(f"{life.broken} (after {before})")
        if life.broken or life.end:
            place.renew()
        moment = f"write {write}" if write else f"{after_s:.1f} s"
        before = f"cut {tally.cuts}, {moment}, {way}, {life.lost} not flushed, {life.said}"
    return tally
