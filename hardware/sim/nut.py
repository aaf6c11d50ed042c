"""The far end of the NUT protocol: an upsd in memory that tells of a `SimUps`, with its faults and refusals.

Pure. One `Upsd` is one connection; several may share a `SimUps` and an `UpsdFaults`. Written from Network UPS
Tools, docs/net-protocol.txt, and from what upsd 2.8.0 answered; the words are cut by shlex and put together
here, never by our own reader or encoder. Must not live here: sockets (serve.py, pty.py).

Habits kept: no greeting; OK to any USERNAME and PASSWORD, the refusal comes with the first command; unknown
UPS and bad words answered by ERR; LIST UPS works with a dead driver; a partial list with WAIT at the start.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hardware.contract import Report
from hardware.sim import nut_write
from hardware.sim.nut_vars import UpsdFaults, quoted, variables
from hardware.sim.ups import SimUps

_LINE_MAX = 1024
"""As upsd: a longer request is thrown away."""

VERSION = "Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/"


@dataclass(frozen=True)
class UpsdUser:
    """A section of upsd.users."""

    password: str
    commands: frozenset[str] = frozenset({"ALL"})
    actions: frozenset[str] = frozenset()
    """SET: may write variables."""


class Upsd:
    """One client's connection to upsd, as a `Peer`. `users` are those of upsd.users."""

    def __init__(
        self,
        ups: SimUps,
        name: str = "room",
        users: Mapping[str, UpsdUser] | None = None,
        faults: UpsdFaults | None = None,
    ) -> None:
        self.ups = ups
        self.faults = faults or UpsdFaults()
        self._name = name
        self._users = users or {}
        self._user = ""
        self._password = ""
        self._rest = b""
        self._out = bytearray()
        self._seen: tuple[object, ...] = ()
        self._told = ""

    @property
    def wake_ms(self) -> int:
        return self.ups.wake_ms

    def tick(self, now_ms: int) -> None:
        self.ups.advance(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out = bytes(self._out)
        self._out.clear()
        return out, ()

    def feed(self, data: bytes, now_ms: int) -> None:
        self.ups.advance(now_ms)
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: _LINE_MAX + 1]
        for line in lines:
            if not self.faults.hangs:
                self._out += self._serve(line, now_ms).encode() + b"\n"

    def _serve(self, line: bytes, now_ms: int) -> str:
        parts = _cut(line)
        handler = _TABLE.get(parts[0].upper()) if parts else None
        if handler is None:
            return "ERR UNKNOWN-COMMAND"
        return handler(self, parts[1:], now_ms)

    # -- reading

    def _ver(self, args: Sequence[str], now_ms: int) -> str:
        return VERSION

    def _netver(self, args: Sequence[str], now_ms: int) -> str:
        return "1.3"

    def _help(self, args: Sequence[str], now_ms: int) -> str:
        return "Commands: " + " ".join(_TABLE)

    def _list(self, args: Sequence[str], now_ms: int) -> str:
        match [args[0].upper(), *args[1:]] if args else []:
            case ["UPS"]:
                return f'BEGIN LIST UPS\nUPS {self._name} "Room UPS"\nEND LIST UPS'
            case ["VAR", ups]:
                return self._trouble(ups) or self._var_list(now_ms)
            case ["RW", ups]:
                found = variables(self.ups, self.faults, now_ms)
                rows = [f"{n} {quoted(found[n])}" for n in nut_write.WRITABLE if n in found]
                return self._trouble(ups) or self._rows("RW", self._name, rows)
            case ["CMD", ups]:
                return self._trouble(ups) or self._rows("CMD", self._name, _INSTANT)
            case ["RANGE", ups, name]:
                return self._trouble(ups) or self._range(name, now_ms)
            case _:
                return "ERR INVALID-ARGUMENT"

    def _rows(self, kind: str, of: str, rows: Iterable[str]) -> str:
        told = "".join(f"{kind} {of} {row}\n" for row in rows)
        return f"BEGIN LIST {kind} {of}\n{told}END LIST {kind} {of}"

    def _range(self, name: str, now_ms: int) -> str:
        if name not in variables(self.ups, self.faults, now_ms):
            return "ERR VAR-NOT-SUPPORTED"
        of = nut_write.WRITABLE.get(name)
        rows = [f'"{of.low}" "{of.high}"'] if isinstance(of, nut_write.Number) else []
        return self._rows("RANGE", f"{self._name} {name}", rows)

    def _get(self, args: Sequence[str], now_ms: int) -> str:
        match [args[0].upper(), *args[1:]] if args else []:
            case ["VAR", ups, name]:
                return self._trouble(ups) or self._one(name, now_ms)
            case ["TYPE", ups, name]:
                return self._trouble(ups) or self._type(name, now_ms)
            case ["UPSDESC" | "NUMLOGINS", ups] if ups != self._name:
                return "ERR UNKNOWN-UPS"
            case ["UPSDESC", self._name]:
                return f'UPSDESC {self._name} "Room UPS"'
            case ["NUMLOGINS", self._name]:
                return f"NUMLOGINS {self._name} 1"
            case _:
                return "ERR INVALID-ARGUMENT"

    def _one(self, name: str, now_ms: int) -> str:
        value = variables(self.ups, self.faults, now_ms).get(name)
        return "ERR VAR-NOT-SUPPORTED" if value is None else f"VAR {self._name} {name} {quoted(value)}"

    def _type(self, name: str, now_ms: int) -> str:
        known = name in variables(self.ups, self.faults, now_ms)
        return f"TYPE {self._name} {name} {nut_write.type_of(name)}" if known else "ERR VAR-NOT-SUPPORTED"

    def _trouble(self, ups: str) -> str:
        if ups != self._name:
            return "ERR UNKNOWN-UPS"
        if self.faults.driver_gone:
            return "ERR DRIVER-NOT-CONNECTED"
        # A UPS without mains and output is dead; its driver lives and has nothing to tell.
        return "ERR DATA-STALE" if self.faults.stale or not self.ups.alive else ""

    # -- commanding

    def _username(self, args: Sequence[str], now_ms: int) -> str:
        if self._user:
            return "ERR ALREADY-SET-USERNAME"
        self._user = args[0] if args else ""
        return "OK" if self._user else "ERR INVALID-ARGUMENT"

    def _pass(self, args: Sequence[str], now_ms: int) -> str:
        if self._password:
            return "ERR ALREADY-SET-PASSWORD"
        self._password = args[0] if args else ""
        return "OK" if self._password else "ERR INVALID-ARGUMENT"

    def _instcmd(self, args: Sequence[str], now_ms: int) -> str:
        """Looks in upsd's order: is somebody named, is the UPS there, does it know the word, may he say it."""
        if missing := self._nobody():
            return missing
        if len(args) < 2:
            return "ERR INVALID-ARGUMENT"
        ups, name = args[0], args[1]
        trouble = self._trouble(ups)
        if trouble:
            return trouble
        if name not in _INSTANT or self.faults.no_commands:
            return "ERR CMD-NOT-SUPPORTED"
        if not self._may(name):
            return "ERR ACCESS-DENIED"
        return "OK" if _INSTANT[name](self.ups, now_ms) else "ERR INSTCMD-FAILED"

    def _set(self, args: Sequence[str], now_ms: int) -> str:
        """In upsd's order too; it says that somebody may not before it says what there is."""
        if missing := self._nobody():
            return missing
        match [args[0].upper(), *args[1:]] if args else []:
            case ["VAR", ups, name, value, *_]:
                return self._trouble(ups) or self._write(name, value, now_ms)
            case _:
                return "ERR INVALID-ARGUMENT"

    def _write(self, name: str, value: str, now_ms: int) -> str:
        user = self._user_of()
        if user is None or "SET" not in user.actions:
            return "ERR ACCESS-DENIED"
        if name not in variables(self.ups, self.faults, now_ms):
            return "ERR VAR-NOT-SUPPORTED"
        return nut_write.write(self.ups, name, value, self.faults.set_fails)

    def _nobody(self) -> str:
        if not self._user:
            return "ERR USERNAME-REQUIRED"
        return "" if self._password else "ERR PASSWORD-REQUIRED"

    def _user_of(self) -> UpsdUser | None:
        user = self._users.get(self._user)
        return user if user is not None and user.password == self._password else None

    def _may(self, name: str) -> bool:
        user = self._user_of()
        return user is not None and bool(user.commands & {"ALL", name})

    def _logout(self, args: Sequence[str], now_ms: int) -> str:
        self._user = self._password = ""
        return "OK Goodbye"

    # -- the variables

    def _var_list(self, now_ms: int) -> str:
        """Put together anew only when there is something new to tell: at rest one poll is like the other."""
        faults = self.faults
        odd = (faults.alarm, faults.extra, faults.missing, tuple(faults.odd.items()))
        seen = (self.ups.face, now_ms < faults.wait_until_ms, faults.bypassed, faults.fsd, odd)
        if seen != self._seen:
            rows = (f"{n} {quoted(v)}" for n, v in variables(self.ups, faults, now_ms).items())
            self._seen, self._told = seen, self._rows("VAR", self._name, rows)
        return self._told


@lru_cache(maxsize=64)  # clients repeat the same few questions for ever
def _cut(line: bytes) -> tuple[str, ...]:
    """Words of a request; an open quote or a line too long is no request."""
    try:
        return tuple(shlex.split(line[:_LINE_MAX].decode("utf-8", errors="replace")))
    except ValueError:
        return ()


_INSTANT: dict[str, Callable[[SimUps, int], bool]] = {
    "test.battery.start.quick": SimUps.test,
    "test.battery.stop": SimUps.stop_test,
    "shutdown.return": SimUps.shutdown_as_set,
    "shutdown.stop": SimUps.shutdown_stop,
}

_TABLE: dict[str, Callable[[Upsd, Sequence[str], int], str]] = {
    "VER": Upsd._ver,
    "NETVER": Upsd._netver,
    "PROTVER": Upsd._netver,
    "HELP": Upsd._help,
    "LIST": Upsd._list,
    "GET": Upsd._get,
    "SET": Upsd._set,
    "USERNAME": Upsd._username,
    "PASSWORD": Upsd._pass,
    "INSTCMD": Upsd._instcmd,
    "LOGOUT": Upsd._logout,
}
