"""The simulated room: mains, UPS, contacts, devices, the Pi and its journal, in simulated time.

The controller in it is the real core with the real conversations. The world only moves bytes, power and time,
and tells the laws the truth: which contact is closed, whether there is a call, since when all is healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from controller.core import views
from controller.core.ask import Rule
from controller.core.chain import Entry, Head, head_of, seal
from controller.core.decide import decide
from controller.core.events import Calendar, Event, Started, Stepped
from controller.core.instant import Instant, Trust
from controller.core.meeting import Meeting
from controller.core.memory import Memory
from controller.core.recall import Recall
from controller.core.room import Room
from controller.core.state import Outcome, State
from controller.rules import RULES
from controller.simulation.bench import Bench
from controller.simulation.clockwork import Clockwork
from controller.simulation.plan import begin_ms
from controller.simulation.reporters import Round, journal_word, link_word, next_round_ms, window
from controller.simulation.sampler import figures, seldom
from controller.simulation.secrets import OPEN, Secrets
from controller.simulation.truth_bench import BenchTruth
from controller.simulation.wires import Wire
from hardware.contract import NEVER_MS, Order, Report, Result, Stage
from hardware.sim.codec_port import BOOT_MS as BOOT_CODEC_MS

HOUR_MS = 3_600_000
SAMPLE_MS = 300_000
"""Five sources are asked every five minutes when nothing happens."""
BOOT_MS = 25_000
"""From mains at the Pi to the first decision."""
WAKES_MS = (20, 2_000, 60_000, 900_000)
"""Extra wakes come in bursts and at rest."""


class World(BenchTruth, Clockwork):
    """One room for some days. `fast` False takes the core's long way and asks all rules at every call;
    `extra_wakes` wakes it at random. `moves`: every change of a contact as (time, load, closed)."""

    def __init__(
        self,
        room: Room,
        seed: int,
        *,
        rules: Sequence[tuple[str, Rule]] = RULES,
        fast: bool = True,
        extra_wakes: bool = False,
        secrets: Secrets = OPEN,
        boot_ms: tuple[int, int] = BOOT_CODEC_MS,
    ) -> None:
        super().__init__()
        self.room = room
        self.rules = rules
        self.fast = fast
        self.moves: list[tuple[int, str, bool]] = []
        self._woke = Random(f"wakes {seed}") if extra_wakes else None
        self.bench = Bench(room, seed, secrets=secrets, boot_ms=boot_ms)
        self.entries: list[Entry] = []
        self._head = Head()
        self.on_step: Callable[[State, Outcome, Instant], None] | None = None
        self._recall = Recall() if fast else None
        self._inbox: list[Event] = []
        self.state = State()
        self.memory: Memory | None = None
        self.calendar: tuple[Meeting, ...] = ()
        self.version = ""
        """Of the calendar; '' = as many as it has meetings."""
        self.alive = False
        self._boot = 0
        self._boot_ms = 0
        self.fallen: tuple[str, ...] = ()
        self.wall_off_ms = 0
        self.trust = Trust.NTP
        self._start_ms = 0
        self._healthy_ms = 0
        self.events = self.switches = self.decisions = 0
        self.kinds: set[type] = set()
        """Classes of everything that has happened to the core."""
        for wire in self.bench.wires:
            self.add(wire.name, partial(self._run_wire, wire), wire.look)
        self._mains = self.add("mains", self._run_power, lambda: self.bench.ups.wake_ms)
        self._sampler_ms, self._round = 0, Round()
        self._sampler = self.add("sampler", self._run_sampler, lambda: self._sampler_ms)
        self._core = self.add("core", self._run_core, self._core_wake)  # last: one instant's events are one batch
        self._power()

    def arm_all(self) -> None:
        """After something outside has changed: everyone says anew when they are due."""
        self._arm_wires()
        for actor in (self._mains, self._sampler, self._core):
            self.arm(actor)

    # ---- truth for the laws

    def healthy_since_ms(self) -> int:
        if self.bench.hung():
            self.unhealthy_until(self.now_ms)
        return self._healthy_ms

    def booted_ms(self) -> int:
        return self._boot_ms

    def unhealthy_until(self, until_ms: int) -> None:
        """A fault lasts until then; the laws about a healthy room begin after it."""
        self._healthy_ms = max(self._healthy_ms, until_ms)

    # ---- the controller

    def instant(self) -> Instant:
        wall_ms = begin_ms() + self.now_ms + self.wall_off_ms
        return Instant(self.now_ms - self._boot_ms, wall_ms, self.trust)

    def tell(self, event: Event) -> None:
        """Something for the core, if there is one."""
        if self.alive:
            self._inbox.append(event)
            self.at_once(self._core)

    def start(self) -> None:
        """The controller begins a life: in the same boot after a crash, in a new one after power."""
        self.alive, self._start_ms = True, NEVER_MS
        self.state = State()
        self._inbox.clear()
        self._sampler_ms, self._round = self.now_ms, Round()
        self.bench.connect(self.now_ms, self._boot_ms)
        self._inbox.append(Started(f"boot{self._boot}", self.memory))
        self._inbox.append(self._window())
        self.desk()
        self.disk()
        self.arm_all()

    def crash(self, again_ms: int) -> None:
        """The process dies; systemd starts it again."""
        self.alive = False
        self._inbox.clear()
        self._start_ms = min(self.now_ms + again_ms, NEVER_MS)
        for wire in self.bench.wires:
            wire.close(self.now_ms)
        self.bench.keeper_alone(self.now_ms)
        self.arm_all()

    def new_boot(self) -> None:
        """The Pi got power again: everything monotonic begins anew, outputs fall to their boot values."""
        self._boot += 1
        self._boot_ms = self.now_ms
        self.fallen = self.bench.reset(self.now_ms)
        self._supply()
        self.crash(BOOT_MS)

    def _window(self) -> Calendar:
        return window(self.calendar, self.instant().wall_ms, self.version or str(len(self.calendar)))

    def publish(self, meetings: tuple[Meeting, ...]) -> None:
        """The centre sends a calendar."""
        self.calendar = meetings
        self.tell(self._window())

    def _core_wake(self) -> int:
        if not self.alive:
            return self._start_ms
        if self._inbox:
            return self.now_ms
        wake_ms = self.state.wake_ms + self._boot_ms
        if self._woke is not None and wake_ms > self.now_ms + 2:
            wake_ms = min(wake_ms, self.now_ms + self._woke.randrange(1, self._woke.choice(WAKES_MS)))
        return wake_ms

    def _run_core(self) -> None:
        if not self.alive:
            self.start()
            return
        events, self._inbox = tuple(self._inbox), []
        now, before = self.instant(), self.state
        outcome = decide(before, events, now, self.room, self.rules, self.fast, self._recall)
        self.state = outcome.state
        self.decisions += 1
        self.events += len(events)
        self.kinds.update(map(type, events))
        if outcome.memory is not None:
            self.memory = outcome.memory
        for record in outcome.records:
            entry = seal(record, now, self.state.boot, self._head)
            self._head = head_of(entry)
            self.entries.append(entry)
        if self.on_step is not None:
            self.on_step(before, outcome, now)
        for order in outcome.orders:
            self._order(order)
        if outcome.records or outcome.orders:
            self.bench.pace(views.pace(self.state, self.room), SAMPLE_MS)
            self._arm_wires()

    def _arm_wires(self) -> None:
        """What somebody did to a device, it says now; and everyone says anew when they are due."""
        for actor, wire in enumerate(self.bench.wires):
            self._take(wire.collect(self.now_ms))
            self.arm(actor)

    def _order(self, order: Order) -> None:
        wire = self.bench.wire_for(order.target)
        if wire is None:
            return
        if order.target.startswith("load."):
            self.switches += 1
        if order.target.endswith(".port"):
            wire.close(self.now_ms)
            wire.open(self.now_ms)
            self._take((Result(order.id, Stage.DONE, "", self.now_ms - self._boot_ms),))
        else:
            wire.ours.ask(order, self.now_ms - self._boot_ms)
        self._take(wire.collect(self.now_ms))

    # ---- the actors

    def _run_wire(self, wire: Wire) -> None:
        self._take(wire.run(self.now_ms))
        if wire is self.bench.keeper_wire and self.bench.contacts_changed():
            self._power()

    def _take(self, reports: Sequence[Report]) -> None:
        if self.alive and reports:
            self._inbox.extend(reports)
            self.at_once(self._core)

    def _run_power(self) -> None:
        self.bench.ups.advance(self.now_ms)
        self._power()

    def _power(self) -> None:
        """Bring every device's supply in line with mains, UPS, contacts and the HAND key."""
        pi = self._supply()
        if pi and not self.bench.pi_on:
            self.bench.pi_on = True
            self.new_boot()
        elif not pi and self.bench.pi_on:
            self.bench.pi_on = False
            self.crash(NEVER_MS)
        self._arm_wires()

    def _supply(self) -> bool:
        """Has the Pi power?"""
        before = self.bench.contacts
        pi = self.bench.apply_power(self.now_ms)
        self.moves += [(self.now_ms, n, on) for n, on in self.bench.contacts.items() if before[n] != on]
        return pi

    def _run_sampler(self) -> None:
        """Climate and host, read from the kernel's files every five minutes."""
        ups = self.bench.wires.index(self.bench.ups_wire)
        self._sampler_ms = next_round_ms(self.now_ms, SAMPLE_MS, self.due_ms(ups))
        if not self.alive:
            return
        at_ms = self.now_ms - self._boot_ms
        self._take(self._round.news(seldom(self.bench, at_ms, self.closely), self.now_ms))
        self._take(figures(self.bench, at_ms, self.now_ms))
        if self.now_ms % (6 * HOUR_MS) < SAMPLE_MS:
            self._inbox.append(self._window())

    def power(self) -> None:
        """Something about mains, key or UPS has changed."""
        self._power()
        self.arm_all()

    @property
    def closely(self) -> bool:
        """The prober looks closely, because the core asked for it."""
        mark = self.state.marks.get("line.fast")
        return mark is not None and mark.value is True

    def probe(self) -> None:
        """The prober has become sure of something, and says it at once."""
        if self.alive:
            seen = self.bench.eyes.look(self.closely, self.now_ms - self._boot_ms)
            self._take(self._round.news(seen, self.now_ms))

    def desk(self) -> None:
        """The link says how the centre is reached now."""
        self.tell(link_word(self.bench, self.now_ms - self._boot_ms))

    def disk(self) -> None:
        """The journal says how its disk is; who says nothing has one that is well. The keeper writes there, too."""
        self.bench.keeper.keeps = self.bench.disk == "ok"
        if self.bench.disk != "ok" or "journal.state" in self.state.facts:
            self.tell(journal_word(self.bench, self.now_ms - self._boot_ms))

    def clock(self, off_ms: int, trust: Trust) -> None:
        """The wall clock steps, or its trust changes."""
        by_ms = off_ms - self.wall_off_ms
        self.wall_off_ms, self.trust = off_ms, trust
        self.tell(Stepped(by_ms))
        self.tell(self._window())
