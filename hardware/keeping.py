"""The keeper's mind: its side of the socket, the lease, and what every line it owns shall be.

Law of this file: pure (no socket, no pin, no clock); `hardware.keeper` moves the bytes and drives the lines.
It is a contract.Peer; besides, whoever drives the lines does after every `feed` and `tick`:

    bank.apply(logic.levels(now_ms)); logic.seen(bank.read(), now_ms); data, _ = logic.take()

Messages are JSON objects in lines, each with `"v":1`. To the keeper: `renew` (lease_ms), `set` (id, load,
to on|off), `cycle` (id, load), `lamps` (show: the full picture, name → pattern), `levels`. From it: `levels`
(loads, since_ms, fault; on change and on request), `ack` (id, stage, code), `bad` (code, count), `taken` (a newer
connection owns the lines now). An order is `done` only when the line was read back.

Clause: N10. The lease belongs to the lines and not to the connection: a controller that restarts within it
changes nothing; one that hangs with its connection open loses it.
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.keeper_table import LAST, PATTERNS, RELAY, VERSION, Line, Table
from hardware.lamp_patterns import OFF, lit, next_edge_ms
from hardware.protocols.json_lines import JsonLines, line
from hardware.relay_lines import NEVER_MS, RelayLines

LEASE_MAX_MS = 120_000
"""Whoever is silent for two minutes is dead, whatever it asked for."""
RESTART_GRACE_MS = 30_000
"""After a restart of the keeper alone: the controller reconnects within seconds and carries its lease over."""
ID_MAX_CHARS = 100

TAKEN = line(v=VERSION, say="taken")
"""Told to the old connection when a new one came."""


class KeeperLogic:
    """All lines of one keeper. `saved` is what `saved()` gave in an earlier life of the same boot, or empty;
    `before` what `lasting()` gave before the Pi was reset, for lines whose boot value is `last`."""

    def __init__(
        self,
        table: Table,
        now_ms: int,
        saved: Mapping[str, object] | None = None,
        before: Mapping[str, object] | None = None,
    ) -> None:
        earlier = saved or {}
        relays = earlier.get("relays")
        self.relays = RelayLines(table, now_ms, relays if isinstance(relays, dict) else {}, before or {})
        self.since_ms = self._now_ms = now_ms
        self.lease_ms = now_ms + (RESTART_GRACE_MS if earlier else table.start_grace_ms)
        lost_ms = earlier.get("lost_ms")
        if type(lost_ms) is int:
            self.relays.lose(min(lost_ms, now_ms), now_ms)
        self._lamps: dict[str, Line] = {row.name: row for row in table.lines if row.kind != RELAY}
        self._show: dict[str, tuple[str, int]] = {}
        self._orders: dict[str, tuple[str, bool]] = {}
        self._open = False
        self._frames = JsonLines()
        self._out: list[bytes] = []
        self._asked = False
        self._said: tuple[object, ...] = ()
        self._dead: tuple[str, ...] = ()

    # Peer

    def opened(self, now_ms: int) -> None:
        """A client connected; an earlier one is forgotten with its unfinished orders."""
        self._frames, self._out = JsonLines(), []
        self._orders, self._open, self._asked = {}, True, True
        if self.dark:
            # Patterns of a controller that died are not shown for the next one.
            self._show = {}

    def closed(self, now_ms: int) -> None:
        """The client's connection ended. The lease goes on: it may come back in time."""
        self._open = False
        self._out, self._orders = [], {}

    def feed(self, data: bytes, now_ms: int) -> None:
        # First what is due: an order or a renewal that comes after the lease lapsed finds it lapsed.
        self.tick(now_ms)
        before = self._frames.dropped
        code = "json"
        for message in self._frames.feed(data):
            refusal = self._hear(message, now_ms)
            if refusal:
                self._frames.dropped += 1
                code = refusal
        if self._frames.dropped != before:
            # One answer per piece of wire, however much rubbish it held.
            self._say("bad", code=code, count=self._frames.dropped)

    def tick(self, now_ms: int) -> None:
        if not self.dark and self.lease_ms <= now_ms:
            self.relays.lose(self.lease_ms)
        self.relays.tick(now_ms)
        self._now_ms = now_ms

    @property
    def wake_ms(self) -> int:
        if self.dark:
            return self.relays.wake_ms
        edges = [next_edge_ms(pattern, set_ms, self._now_ms, NEVER_MS) for pattern, set_ms in self._show.values()]
        return min([self.relays.wake_ms, self.lease_ms, *edges])

    def take(self) -> tuple[bytes, tuple[()]]:
        data, self._out = b"".join(self._out), []
        return data, ()

    # Lines

    @property
    def dark(self) -> bool:
        """Nobody holds the lease: no lamp is lit."""
        return self.relays.lost_ms is not None

    def levels(self, now_ms: int) -> dict[str, bool]:
        """What each line shall be: relays on, lamps lit, the buzzer sounding. A relay that its board has to tell
        first is left out."""
        relays = self.relays.relays.items()
        wants = {name: relay.want for name, relay in relays if relay.want is not None}
        return wants | {name: self._lit(name, now_ms) for name in self._lamps}

    def _lit(self, name: str, now_ms: int) -> bool:
        pattern, set_ms = self._show.get(name, (OFF, 0))
        return not self.dark and lit(pattern, set_ms, now_ms)

    def seen(self, levels: Mapping[str, bool | None], now_ms: int) -> None:
        """What the relay lines were read back as, None = cannot be read (a lamp: cannot be driven), left out = not
        yet: answers orders, reports changes."""
        strays = self.relays.see(levels, now_ms)
        self._dead = tuple(name for name in self._lamps if levels.get(name, False) is None)
        for load in tuple(self._orders):
            if load in levels:
                self._settle(load, load in strays)
        said = (*((name, relay.seen) for name, relay in self.relays.relays.items()), self.fault)
        if self._asked or said != self._said:
            self._said, self._asked = said, False
            words = {True: "on", False: "off", None: None}
            loads = {name: words[relay.seen] for name, relay in self.relays.relays.items()}
            self._say("levels", loads=loads, since_ms=self.since_ms, fault=self.fault)

    def _settle(self, load: str, stray: bool) -> None:
        relay = self.relays.relays[load]
        if stray:
            self._finish(load, "failed", self.relays.faults[load])
        elif not relay.cycle_ms:
            order_on = self._orders[load][1]
            self._finish(load, "done" if relay.want == order_on else "superseded")

    def stop(self, now_ms: int) -> None:
        """The keeper ends in order: lamps go dark with it, relays move only by a declared stop value."""
        self._show = {}
        self.relays.stop(now_ms)

    @property
    def fault(self) -> str:
        """`line:code` of every line that is not as it was told to be; empty when all are."""
        faults = self.relays.faults | dict.fromkeys(self._dead, "no_line")
        return " ".join(f"{name}:{code}" for name, code in sorted(faults.items()))

    def saved(self) -> dict[str, object]:
        """What the next life of this boot must know; to be on disk *before* the lines are driven."""
        rows = {name: relay.saved() for name, relay in self.relays.relays.items()}
        return {"v": VERSION, "relays": rows, "lost_ms": self.relays.lost_ms}

    def lasting(self) -> dict[str, bool]:
        """What the first life after a reset of the Pi must know: how the lines stand that carry their load
        through it."""
        lines = self.relays.relays.items()
        return {name: bool(relay.want) for name, relay in lines if relay.line.boot == LAST}

    # Messages

    def _hear(self, message: dict[str, object], now_ms: int) -> str:
        """Do what a message says; the code of what is wrong with it, or ''."""
        if message.get("v") != VERSION:
            return "version"
        match message.get("do"):
            case "renew":
                return self._renew(message.get("lease_ms"), now_ms)
            case "set" | "cycle":
                return self._order(message, now_ms)
            case "lamps":
                return self._lamp(message.get("show"), now_ms)
            case "levels":
                self._asked = True
                return ""
        return "unknown"

    def _renew(self, lease_ms: object, now_ms: int) -> str:
        if type(lease_ms) is not int or not 0 < lease_ms <= LEASE_MAX_MS:
            return "args"
        self.lease_ms = now_ms + lease_ms
        self.relays.find(now_ms)
        return ""

    def _order(self, message: dict[str, object], now_ms: int) -> str:
        order, load, to = message.get("id"), message.get("load"), message.get("to")
        cycle = message["do"] == "cycle"
        good = isinstance(order, str) and len(order) <= ID_MAX_CHARS and (cycle or to in ("on", "off"))
        if not (good and isinstance(order, str) and isinstance(load, str)):
            return "args"
        refusal = self.relays.cycle(load, now_ms) if cycle else self.relays.set(load, to == "on", now_ms)
        if refusal:
            self._say("ack", id=order, stage="refused", code=refusal)
            return ""
        self._finish(load, "superseded")
        self._orders[load] = (order, cycle or to == "on")
        if cycle:
            self._say("ack", id=order, stage="accepted", code="")
        return ""

    def _lamp(self, show: object, now_ms: int) -> str:
        """The whole picture: what is not named is dark. An unchanged pattern is not begun anew."""
        if not isinstance(show, dict):
            return "args"
        known = {name: row for name, row in self._lamps.items() if show.get(name) in PATTERNS[row.kind]}
        before = self._show
        self._show = {
            name: before[name] if name in before and before[name][0] == show[name] else (show[name], now_ms)
            for name in known
        }
        return "" if len(known) == len(show) else "lamp"

    def _finish(self, load: str, stage: str, code: str = "") -> None:
        order = self._orders.pop(load, None)
        if order is not None:
            self._say("ack", id=order[0], stage=stage, code=code)

    def _say(self, what: str, **fields: object) -> None:
        """To a client that is there; what is said to nobody is not kept."""
        if self._open:
            self._out.append(line(v=VERSION, say=what, **fields))
