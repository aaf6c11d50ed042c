"""One running room: its plan in, threads out. Builds everything, starts it in the safe order, stops it without
switching anything.

Order of life: journal (memory) → keeper's link → the core's first event → devices → centre → panel, local orders,
calendar. The centre's connection is made while the buttons' library is loaded: what it says meanwhile waits in the
loop's queue. READY is said when the first decision is made; neither network nor time is waited for.
"""

from __future__ import annotations

import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controller.core.events import Command, Started, Stepped
from controller.core.gasp import Gasp
from controller.core.instant import Instant, Trust
from controller.core.memory import end_of
from controller.core.parts import Tree
from controller.core.records import Reply
from controller.link.messages import Stamp
from controller.link.notices import CalendarText
from controller.plan import Plan
from controller.rules import RULES
from controller.runtime.clock import Clock, Sources, SteppedWatch
from controller.runtime.desk import Desk, Ears
from controller.runtime.devices import Devices, build
from controller.runtime.hands import Full, Hands
from controller.runtime.journal import Journal
from controller.runtime.linking import announced, make_link
from controller.runtime.local import LocalDoor
from controller.runtime.loop import PULSE_MS, Loop
from controller.runtime.notify import Notifier
from controller.runtime.pi_orders import PiOrders
from controller.runtime.renewal import Renewal
from controller.runtime.schedule import KEPT, Files, Schedule, Terms
from controller.runtime.window import Window
from controller.texts import ReadableError, said
from controller.texts.foreign import named
from hardware.climate import SYS
from hardware.contract import NEVER_MS, Reading
from hardware.protocols.keeper import RENEW_PARTS

if TYPE_CHECKING:
    from gpiozero import Factory

    from controller.runtime.line_keeper import LineKeeper
    from hardware.expander import Expanders
    from hardware.panel import Panel

FIRMWARE = "0.1.0"
STOP_S = 1.8
"""SIGTERM to the end takes less than two seconds; every part has less, and all end at the same time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where this process runs: environment of systemd, file-system roots, how the input pins are opened."""

    env: Mapping[str, str]
    pid: int
    factory: Callable[[], Factory]
    sys: Path = SYS
    sources: Sources | None = None
    expanders: Callable[[], Expanders] | None = None


class Station:
    """Everything of one room in one process. Use: `Station(plan, setting).run()`."""

    def __init__(self, plan: Plan, setting: Setting) -> None:
        self.plan, self._setting = plan, setting
        self.clock = Clock(setting.sources)
        self.notifier = Notifier(setting.env, setting.pid)
        paths = plan.paths
        limit_b = paths.journal_max_b
        self.journal = Journal(paths.journal, self._say, self.clock.boot, self.clock.now, max_bytes=limit_b)
        self.devices: Devices = build(plan, self._say, self._mono_ms, setting.sys)
        self.loop = Loop(self.devices.room, RULES, self.clock.now, self._hands(), self._pulse_ms())
        self.panel: Panel | None = None
        self._levels: Callable[[], None] = lambda: None
        self._watch = SteppedWatch(self.clock.now())  # before what is reckoned from the time of day
        self.link = make_link(plan, self._say, self.clock, self.devices.room.utc_offset_ms, FIRMWARE)
        self.renewal = Renewal(plan.link, self.link, self._say, self._note)
        ears = Ears(self._calendar, self._note, self.loop.note, self.renewal.take)
        self.desk = Desk(self.journal, self.link, ears, self.devices.room.utc_offset_ms)
        self.schedule = self._schedule()
        self.line = self._line()
        self.window = Window(paths.run_dir, self._note)
        self.local = LocalDoor(paths.run_dir, self._say, self.clock.now)
        post = self.link.update if self.link is not None else None
        self.pi_orders = PiOrders(paths.update_dir, paths.run_dir, post, FIRMWARE)
        self._trusted = self.clock.now().trust >= Trust.RTC
        self._life: Mapping[str, Tree] = {}
        self._failed: queue.SimpleQueue[str] = queue.SimpleQueue()

    # ---- life

    def run(self) -> int:
        """Live until SIGTERM or a thread's death; 0 or 1 for systemd."""
        threading.excepthook = self._thread_died
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.loop.stop())
        try:
            self.start()
            self.loop.run()
        finally:
            self.stop()
        return 0 if self._failed.empty() else 1

    def start(self) -> None:
        """Begin, in the order of the file's head."""
        memory = self.journal.start()
        self._life = {"last_end": end_of(memory, self.clock.boot), "since_mono_s": self._mono_ms() / 1000}
        if self.journal.recovered.wall_ms:
            self.clock.carried(self.journal.recovered.wall_ms)
        self.loop.step([Started(self.clock.boot, memory)])
        self.devices.renew()
        self.devices.start(self.line.start() if self.line is not None else frozenset())
        if self.link is not None:
            self._born()
            self.renewal.show()
            self.link.start()
        self._panel()
        if fault := self.local.start():
            self._note("local.absent", (fault,))
        self.schedule.load(self.clock.now())
        self.notifier.ready("running")

    def stop(self) -> None:
        """End within two seconds; no load is switched, what is known is written."""
        self.notifier.stopping("stopping")
        parts: list[Callable[[], object]] = [self.devices.stop, self.journal.stop, self.local.stop]
        parts += [part.stop for part in (self.link, self.panel, self.line) if part is not None]
        ends = [threading.Thread(target=part, name="end", daemon=True) for part in parts]
        until_ms = self._mono_ms() + round(STOP_S * 1000)
        for end in ends:
            end.start()
        for end in ends:
            end.join(max(0, until_ms - self._mono_ms()) / 1000)

    def _thread_died(self, what: threading.ExceptHookArgs) -> None:
        """A dead thread ends the process loudly; systemd starts it again and nothing switches."""
        sys.__excepthook__(what.exc_type, what.exc_value or what.exc_type(), what.exc_traceback)
        self._failed.put(what.thread.name if what.thread is not None else "?")
        self.loop.stop()

    # ---- parts

    def _hands(self) -> Hands:
        return Hands(
            order=lambda order: self.devices.order(order),
            pace=lambda wished: self.devices.pace(wished),
            lamps=lambda patterns: self.devices.lamps(patterns),
            renew=lambda: self.devices.renew(),
            write=self.journal.write,
            publish=self._publish,
            gasp=self._gasp,
            answer=self._answer,
            other=lambda item: self.desk.other(item, self.clock.now()),
            turn=self._turn,
            due_ms=self._due_ms,
            pulse=self._pulse,
            stepped=self._stepped,
        )

    def _say(self, item: object) -> None:
        if isinstance(item, Command):  # first: the deciding thread may answer before the next line here
            self.pi_orders.heard(item)
        self.loop.report(item)
        if self.line is not None and isinstance(item, Reading):
            self.line.note(item)
        if isinstance(item, Command) and item.verb == "rebirth" and self.link is not None:
            self.link.rebirth()

    def _mono_ms(self) -> int:
        return self.clock.now().mono_ms

    def _pulse_ms(self) -> int:
        """Often enough for the watchdog and for the outputs' lease, whichever is shorter."""
        return min(PULSE_MS, self.plan.outputs.lease_ms // RENEW_PARTS, self.notifier.watchdog_ms or PULSE_MS)

    def _schedule(self) -> Schedule:
        plan, times = self.plan, self.plan.times
        files = Files(plan.paths.state_dir / KEPT, times.calendar, times.holidays)
        terms = Terms(plan.slug, times.timezone, times.length_ms, plan.language, times.day_rule)
        return Schedule(files, terms, self._say, self._note)

    def _line(self) -> LineKeeper | None:
        if not self.plan.probes:
            return None
        from controller.runtime.line_keeper import LineKeeper

        return LineKeeper(self.plan.paths.state_dir, self.devices.room, self._note)

    def _panel(self) -> None:
        """Pins that cannot be opened at all cost the buttons, not the room."""
        if not self.plan.inputs:
            return
        # gpiozero: 75 ms that a room without buttons does not need
        from hardware.panel import LEVELS_MS, InputSpec, Panel

        try:
            factory = self._setting.factory()
        except _pin_errors() as error:
            self._note("panel.absent", (named(error),))
            return
        rows = self.plan.inputs.items()
        specs = tuple(InputSpec(name, row.pin, row.active_low, row.pull, row.chip) for name, row in rows)
        # The Pi's own pins are registers, read with each pulse; an expander's bus can hang, and its thread with it.
        own_ms = LEVELS_MS if any(spec.chip for spec in specs) else None
        self.panel = Panel(specs, self._say, factory, self._mono_ms, own_ms, self._setting.expanders)
        self.panel.start()
        if own_ms is None:
            self._levels = self.panel.levels

    def _born(self) -> None:
        """Say who we are and how the last life ended (N7); again when the clock first becomes trusted, and when the
        centre asks (`rebirth`). `mono_s` (uptime of the Pi) is added when it goes out; `since_mono_s`: when this
        program began, on the same clock."""
        if self.link is not None:
            slot, can = self._setting.env.get("DIEMCAU_RELEASE", ""), self._capabilities()
            self.link.birth({"fw": FIRMWARE, "slot": slot, **self._life, "capabilities": can})

    def _capabilities(self) -> Mapping[str, Tree]:
        room = self.devices.room
        return {"loads": tuple(load.name for load in room.loads), "cameras": room.cameras, "codec": room.codec}

    # ---- what the loop calls

    def _publish(self, summary: Mapping[str, Tree], full: Full | None) -> None:
        details = self.line.shown(full.details) if full and self.line else full.details if full else {}
        self.desk.publish(summary, details)
        if full is not None:
            self.window.show(summary, {**details, **full.inside}, self.clock.now())

    def _gasp(self, gasp: Gasp) -> None:
        self.desk.gasp(gasp, Stamp(self.clock.boot, self.clock.now(), self.devices.room.utc_offset_ms))

    def _answer(self, reply: Reply) -> None:
        self.desk.answer(reply)
        self.local.answer(reply)
        if fault := self.pi_orders.decided(reply):
            self._note("update.order_lost", (fault,))

    def _turn(self, now: Instant) -> None:
        self.desk.turn(now)
        for record in self.line.turn(now) if self.line is not None else ():
            self.loop.note(record)
        self.schedule.look(now)
        if (slow := self.journal.look(now.mono_ms)) is not None:
            self.loop.report(slow)

    def _due_ms(self) -> int:
        edge_ms, now = self.schedule.edge_ms, self.clock.now()
        wait_ms = now.mono_ms + edge_ms - now.wall_ms if edge_ms < NEVER_MS else NEVER_MS
        return min(self.desk.due_ms, wait_ms)

    def _pulse(self, phase: str) -> None:
        self.notifier.watchdog(phase)
        self.pi_orders.look()
        self.window.again()
        self._levels()

    def _stepped(self, now: Instant) -> Stepped | None:
        step = self._watch.see(now)
        if step is not None:
            self.schedule.step(now)
            if self.link is not None:
                self.link.discover(announced(self.plan, FIRMWARE, self.clock.boot, now))
            if now.trust >= Trust.RTC and not self._trusted:
                self._trusted = True
                self._born()
        return step

    def _calendar(self, item: CalendarText) -> None:
        self.schedule.take(item.text, item.version, self.clock.now())

    def _note(self, code: str, args: tuple[object, ...]) -> None:
        """Something that is no decision, in the room's language: into the service's log. On any thread. A log that
        cannot be written (its disk is full) is no reason to stop ruling."""
        told = tuple(arg.text(self.plan.language) if isinstance(arg, ReadableError) else arg for arg in args)
        with suppress(OSError):
            sys.stderr.write(f"{code}: {said(self.plan.sayings, code, self.plan.language, told)}\n")


def _pin_errors() -> tuple[type[Exception], ...]:
    from hardware.relays import gpio_errors

    return (ImportError, *gpio_errors())
