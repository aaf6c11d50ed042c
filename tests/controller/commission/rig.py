"""The simulated room as commissioning meets it: the same far ends as everywhere, no controller, and a person who
sees what is true. Simulated time; nothing is patched.

The person answers five seconds after each question; a test may give other answers by `Person.says`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from controller import config
from controller.cli_commission_site import site_of
from controller.commission.book import Book
from controller.commission.driver import Driver, Typed
from controller.commission.place import Place
from controller.commission.steps import following
from controller.commission.talk import Ask, Say
from controller.config_compile import compile_room
from controller.config_devices import keeper_table
from controller.simulation.bench import Bench, PatientKeeper
from controller.simulation.clockwork import Clockwork
from controller.simulation.room import slowly_asked
from controller.simulation.sampler import samples
from controller.simulation.wires import Wire
from hardware.contract import NEVER_MS, Edge, Order
from hardware.keeper_table import Table

THINKS_MS = 5_000
PACE_MS = 2_000
SAMPLE_MS = 30_000
BATTERY_WH = 40.0
"""A small battery: the Pi dies within the hour."""
CONFIG = config.loads(config.example())


class Died(Exception):
    """The Pi has no power any more: whoever ran on it is gone."""


class CrossedKeeper(PatientKeeper):
    """Relay A's wire goes to B's contactor, and B's to A's."""

    def __init__(self, table: Table) -> None:
        self.crossed: dict[str, str] = {}
        super().__init__(table)

    def contact(self, load: str) -> bool:
        return super().contact(self.crossed.get(load, load))


class SimRig:
    """A driver.Rig over the bench; its clock counts from the Pi's boot."""

    def __init__(self, seed: int = 3) -> None:
        self.world = Clockwork()
        self.bench = Bench(slowly_asked(compile_room(CONFIG)), seed, "nut")
        self.bench.ups.spec.capacity_wh = BATTERY_WH
        self.keeper = CrossedKeeper(keeper_table(CONFIG))
        self.bench.keeper = self.keeper
        self.bench.keeper_wire.far = self.keeper
        self.bench.keeper_wire.answer = self.keeper.opened
        self.inbox: list[object] = []
        self.orders: list[tuple[str, object]] = []
        self.lit: Mapping[str, str] = {}
        self.latched: tuple[str, ...] = ()
        self._later: list[tuple[int, Callable[[], None]]] = []
        self._sample_ms = self._boot_ms = self.boots = 0
        for wire in self.bench.wires:
            self.world.add(wire.name, partial(self._wire, wire), wire.look)
        self.world.add("mains", self._mains, lambda: self.bench.ups.wake_ms)
        self.world.add("sampler", self._samples, lambda: self._sample_ms)
        self.world.add("people", self._people, lambda: min((at for at, _ in self._later), default=NEVER_MS))
        self.boot_pi()

    @property
    def boot(self) -> str:
        return f"boot{self.boots}"

    def now_ms(self) -> int:
        return self.world.now_ms - self._boot_ms

    def order(self, order: Order) -> None:
        self.orders.append((order.target, order.value))
        wire = self.bench.wire_for(order.target)
        assert wire is not None
        wire.ours.ask(order, self.now_ms())
        self.inbox += wire.collect(self.world.now_ms)

    def turn(self, until_ms: int) -> Sequence[object]:
        self._arm()
        end_ms = until_ms + self._boot_ms
        while not self.inbox and self.world.now_ms < end_ms:
            self.world.run_until(min(max(self.next_ms(), self.world.now_ms) + 1, end_ms))
            if not self.bench.ups.output:
                raise Died
        items, self.inbox = self.inbox, []
        return items

    def lamps(self, patterns: Mapping[str, str]) -> None:
        self.lit = patterns

    def renew(self) -> None:
        self.bench.renew(self.now_ms())
        self._arm()

    # ---- the world

    def later(self, ms: int, what: Callable[[], None]) -> None:
        self._later.append((self.world.now_ms + ms, what))
        self._arm()

    def next_ms(self) -> int:
        return min(self.world._due)

    def boot_pi(self) -> None:
        """Power at the Pi: outputs fall, latching contacts stay, conversations have no past."""
        self.boots += 1
        self._boot_ms = self.world.now_ms
        self.inbox = []
        kept = [name for name in self.latched if self.keeper.contact(name)]
        self.keeper.reset(self.world.now_ms)
        for name in kept:
            self.keeper.weld(name)
        for wire in self.bench.wires:
            wire.close(self.world.now_ms)
        self.bench.connect(self.world.now_ms, self._boot_ms)
        for wire in self.bench.wires:
            wire.ours.pace(PACE_MS)
        self.power()

    def mains(self, on: bool) -> None:
        self.bench.set_mains(on, self.world.now_ms)
        self.power()

    def edge(self, name: str, down: bool) -> None:
        self.inbox.append(Edge(name, down, self.now_ms()))

    def press(self, name: str) -> None:
        """A finger, as long as a finger takes."""
        self.edge(name, True)
        self.later(400, lambda: self.edge(name, False))

    def power(self) -> None:
        self.bench.apply_power(self.world.now_ms)
        self._arm()

    def _arm(self) -> None:
        """What somebody did to a side, it says now; then everyone says anew when they are due."""
        for wire in self.bench.wires:
            self.inbox += wire.collect(self.world.now_ms)
        for actor in range(len(self.bench.wires) + 3):
            self.world.arm(actor)

    def _wire(self, wire: Wire) -> None:
        self.inbox += wire.run(self.world.now_ms)
        if self.bench.contacts_changed():
            self.power()

    def _mains(self) -> None:
        self.bench.ups.advance(self.world.now_ms)
        self.power()

    def _samples(self) -> None:
        self._sample_ms = self.world.now_ms + SAMPLE_MS
        self.inbox += samples(self.bench, self.now_ms(), self.world.now_ms, False)

    def _people(self) -> None:
        now_ms = self.world.now_ms
        due = [what for at_ms, what in self._later if at_ms <= now_ms]
        self._later = [row for row in self._later if row[0] > now_ms]
        for what in due:
            what()
        self._arm()


Says = Callable[[Ask], "str | None"]


class Person:
    """A driver.Desk. `says(question)` may answer something else than what is true; None = does nothing."""

    def __init__(self, rig: SimRig, says: Mapping[str, str | None] | None = None) -> None:
        self.rig, self.says = rig, dict(says or {})
        self.heard: list[str] = []
        self.fingers: dict[str, str] = {}
        """Question → the button that is pressed as the answer."""

    def ask(self, question: Ask, pointer: int) -> None:
        self.heard.append(question.code)
        word = question.code.removeprefix("commission.q.")
        line = self.says[word] if word in self.says else self.sees(word, question)
        self.rig.later(THINKS_MS, lambda: self._acts(word, line))

    def say(self, said: Say) -> None:
        self.heard.append(said.code)
        word = said.code.removeprefix("commission.say.")
        if word == "press" and word not in self.says:
            self.rig.later(THINKS_MS, lambda: self.rig.press(str(said.args[0])))
        elif word == "press":
            self.rig.later(THINKS_MS, lambda: self.rig.press(str(self.says[word])))
        elif word in ("call_us", "begin_call"):
            self.rig.later(THINKS_MS, self._call)

    def sees(self, word: str, question: Ask) -> str:
        """The truth, as somebody in the room sees it."""
        truth = {
            "ups_w": "1000",
            "mics": "2",
            "number": "10.1.0.9",
            "fell": "n",
            "accept": "1",
        }
        if word == "which":
            return self._which(question)
        if word == "dark":
            load = next(row for row in SITE.outlets if row.label == question.args[0])
            return "n" if self.rig.keeper.contact(load.name) else "y"
        if question.kind == "text" and word not in truth:
            return f"Nguyễn Văn {word}"
        return truth.get(word, "y")

    def _which(self, question: Ask) -> str:
        """The one that is on and was off when the last relay was ordered."""
        ordered = self.rig.orders[-1][0].removeprefix("load.")
        lit = self.rig.keeper.crossed.get(ordered, ordered)
        on = self.rig.keeper.contact(ordered) or self.rig.keeper.contact(lit)
        label = SITE.outlet(lit).label
        return str(question.choices.index(label) + 1 if on else len(question.choices))

    def _acts(self, word: str, line: str | None) -> None:
        if word in self.fingers:
            self.rig.press(self.fingers[word])
        if line is not None:
            self.rig.inbox.append(Typed(line))
        if word in ("by_hand", "automatic"):
            self.rig.bench.key = word == "by_hand"
            self.rig.power()
        if word == "pull_mains" and line == "y":
            self.rig.later(THINKS_MS, lambda: self.rig.mains(False))

    def _call(self) -> None:
        bench, now_ms = self.rig.bench, self.rig.world.now_ms
        bench.codec.ring("10.1.0.1", now_ms)
        self.rig.power()


SITE = site_of(CONFIG)


def sit(
    rig: SimRig, book: Book, only: int = 0, until: int = 15, person: Person | None = None, items: int = 999
) -> Book:
    """Sit down until nothing is left, until step `until` begins or for so many items. Raises Died, Left."""
    driver = Driver(SITE, rig, person or Person(rig))
    while items and (left := following(SITE, book, only)) is not None and left[0].n < until:
        items -= 1
        step, item = left
        verdict = driver.play(step.talk(Place(SITE, book, item, rig.boot)))
        book = book.enter(step.n, item, verdict, "Lê Thị Kỹ", 1_780_000_000_000 + rig.world.now_ms, rig.boot)
    return book
