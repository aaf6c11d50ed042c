"""The far end of the Megatec/Q1 protocol: a UPS on a serial line that tells of a `SimUps`, with memory and faults.

Pure: a `Peer`, carried on a pty for people and NUT's own drivers, in memory for simulated time. Written from the
command tables in NUT's drivers blazer.c and nutdrv_qx_megatec.c, and from what those drivers asked on a pty, not
from our reader. Must not live here: battery and mains (ups.py).

Habits kept: answers take their time on the line at 2400 baud; actions are silent; nothing unknown is answered; a
UPS without mains and battery is dead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from hardware.contract import NEVER_MS, Report
from hardware.sim.ups import SimUps

_BAUD = 2400
_LINE_MAX = 32
_MINUTE_MS = 60_000


@dataclass
class MegatecFaults:
    """What may be wrong with the unit or its line; change a field while it runs."""

    silent: bool = False
    echo: bool = False
    """Unknown commands come back as they were sent (many units; NUT tells by it)."""
    loopback: bool = False
    """Everything comes back first: a converter with local echo."""
    wrong_speed: bool = False
    """The other side listens at another speed: it hears garbage, and so do we."""
    noise: float = 0.0
    """Share of answers that are disturbed."""
    cut: int = 0
    """So many answers break off in the middle."""
    late_ms: int = 0
    dashes: bool = False
    """Fields that it cannot measure hold `---.-`."""
    no_rating: bool = False
    no_identity: bool = False
    hangs_on_extras: bool = False
    """F or I kills it until its power goes (it has none of its own to lose: until `silent` is taken back)."""
    stuck_shutdown: bool = False
    failed: bool = False
    acks: str = ""
    """`(ACK`, `ACK`: what actions are answered with; "" = nothing."""
    refuses: bool = False
    """Actions are answered by (NAK."""
    deaf_to_actions: bool = False
    early_firmware: bool = False
    """R below 0003 never returns."""


@dataclass(frozen=True)
class MegatecModel:
    """What was bought. `per_cell`: an on-line model tells one cell's volts; `reckons`: it knows QS and QI."""

    nominal_v: float = 24.0
    per_cell: bool = False
    reckons: bool = False
    maker: str = "SANTAK"
    name: str = "MT1000"
    firmware: str = "V1.10"


class MegatecUps:
    """One UPS on its line. The world moves `ups`; faults are flags of `faults`."""

    def __init__(self, ups: SimUps | None = None, model: MegatecModel | None = None, seed: int = 0) -> None:
        self.ups = ups or SimUps()
        self.model = model or MegatecModel()
        self.faults = MegatecFaults()
        self.beeper = True
        self.asked: list[str] = []
        """Every command that came, the last 64."""
        self._random = Random(f"megatec {seed}")
        self._line = bytearray()
        self._due: list[tuple[int, bytes]] = []
        self._out = bytearray()

    @property
    def wake_ms(self) -> int:
        return min(self.ups.wake_ms, self._due[0][0] if self._due else NEVER_MS)

    def tick(self, now_ms: int) -> None:
        self.ups.advance(now_ms)
        while self._due and self._due[0][0] <= now_ms:
            self._out += self._due.pop(0)[1]

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out = bytes(self._out)
        self._out.clear()
        return out, ()

    def feed(self, data: bytes, now_ms: int) -> None:
        self.tick(now_ms)
        *ended, rest = (bytes(self._line) + data).split(b"\r")
        self._line = bytearray(rest[-_LINE_MAX:])
        for command in ended:
            self._hear(command, now_ms)

    def _hear(self, command: bytes, now_ms: int) -> None:
        if self.faults.silent or not self.ups.alive:
            return
        if self.faults.wrong_speed:
            self._send(self._random.randbytes(len(command) + 1), now_ms)
            return
        text = command.decode("ascii", errors="replace")
        self.asked = [*self.asked[-63:], text]
        if self.faults.loopback:
            self._send(command + b"\r", now_ms)
        answer = self._answer(text, now_ms)
        if answer:
            self._send(self._disturbed(answer.encode("ascii") + b"\r"), now_ms)

    def _send(self, data: bytes, now_ms: int) -> None:
        """Bytes follow each other on the line; ten bits each."""
        begins_ms = max(now_ms + self.faults.late_ms, self._due[-1][0] if self._due else 0)
        self._due.append((begins_ms + len(data) * 10_000 // _BAUD + 1, data))

    def _disturbed(self, answer: bytes) -> bytes:
        if self.faults.cut > 0:
            self.faults.cut -= 1
            return answer[: len(answer) // 2]
        if self.faults.noise and self._random.random() < self.faults.noise:
            at = self._random.randrange(len(answer))
            spoilt = self._random.choice((b"", b"\x00\xf8", bytes((answer[at] ^ 1 << self._random.randrange(7),))))
            return answer[:at] + spoilt + answer[at + 1 :]
        return answer

    # -- questions

    def _answer(self, command: str, now_ms: int) -> str:
        question = _QUESTIONS.get(command)
        if question is not None and (self.model.reckons or command not in ("QS", "QI")):
            return question(self)
        if self._is_action(command):
            return self._act(command, now_ms)
        return command if self.faults.echo else ""

    def _status(self) -> str:
        ups = self.ups
        load = f"{min(999, round(ups.load_pct)):03d}"
        volts = f"{self._volts():04.2f}" if self.model.per_cell else f"{self._volts():04.1f}"
        hz = "50.0" if ups.mains_good else "00.0"
        fault_v = "195.0" if ups.mains_good else f"{ups.input_v:05.1f}"
        temp = "--.-" if self.faults.dashes else "25.0"
        output = "---.-" if self.faults.dashes else f"{self._output_v():05.1f}"
        return f"({ups.input_v:05.1f} {fault_v} {output} {load} {hz} {volts} {temp} {self._bits()}"

    def _bits(self) -> str:
        ups = self.ups
        return "".join(
            "1" if on else "0"
            for on in (
                ups.on_battery,
                ups.low,
                ups.mains_good and not ups.on_battery and self._output_v() != ups.input_v,
                ups.worn or self.faults.failed,
                not self.model.per_cell,
                ups.testing and ups.spec.shows_cal,
                ups.cutting or self.faults.stuck_shutdown,
                self.beeper,
            )
        )

    def _output_v(self) -> float:
        """The transformer's taps lift what is low and lower what is high; on battery the inverter gives 220 V."""
        ups = self.ups
        if not ups.output:
            return 0.0
        if ups.on_battery:
            return 220.0
        if ups.input_v < 205:
            return ups.input_v * 1.15
        return ups.input_v * 0.87 if ups.input_v > 245 else ups.input_v

    def _volts(self) -> float:
        """Lead-acid: sags under load, rises while it is charged."""
        share = self.ups.charge_pct / 100.0
        empty, span = (20.8, 4.8) if self.ups.on_battery else (23.0, 4.4)
        string = (empty + span * share) / 24.0 * self.model.nominal_v
        return string / (self.model.nominal_v / 2.0) if self.model.per_cell else string

    def _rating(self) -> str:
        return "" if self._hangs() or self.faults.no_rating else f"#220.0 005 {self.model.nominal_v:05.1f} 50.0"

    def _identity(self) -> str:
        if self._hangs() or self.faults.no_identity:
            return ""
        return f"#{self.model.maker:<15.15} {self.model.name:<10.10} {self.model.firmware:<10.10}"

    def _hangs(self) -> bool:
        self.faults.silent = self.faults.silent or self.faults.hangs_on_extras
        return self.faults.silent

    def _figures(self) -> str:
        runtime = min(99_999, int(self.ups.runtime_s))
        return f"({round(self.ups.charge_pct):03d} {runtime:05d} 50.0 000.3 177 290 0 0000000000110000"

    # -- actions

    @staticmethod
    def _is_action(command: str) -> bool:
        return command in ("T", "TL", "CT", "C", "Q") or (command[:1] in ("T", "S") and len(command) > 1)

    def _act(self, command: str, now_ms: int) -> str:
        if self.faults.refuses:
            return "(NAK"
        if not self.faults.deaf_to_actions and not self._done(command, now_ms):
            return command if self.faults.echo else ""
        return self.faults.acks

    def _done(self, command: str, now_ms: int) -> bool:
        ups = self.ups
        if command == "Q":
            self.beeper = not self.beeper
        elif command == "C":
            ups.shutdown_stop(now_ms)
            ups.load_on(now_ms)
        elif command == "CT":
            ups.stop_test(now_ms)
        elif command == "T":
            ups.test(now_ms)
        elif command == "TL":
            ups.test(now_ms, round(800 * ups.runtime_s))
        elif command[0] == "T":
            minutes = command[1:]
            if not (len(minutes) == 2 and minutes.isdecimal() and minutes != "00"):
                return False
            ups.test(now_ms, int(minutes) * _MINUTE_MS)
        else:
            return self._shut_down(command[1:], now_ms)
        return True

    def _shut_down(self, words: str, now_ms: int) -> bool:
        """`n`, `nRmmmm`: n is .2 to .9 or 01 to 10 (00 = now) minutes."""
        delay, returns, minutes = words.partition("R")
        delay_ms = _delay_ms(delay)
        if delay_ms is None or (returns and not (len(minutes) == 4 and minutes.isdecimal())):
            return False
        never = returns and (minutes == "0000" or (self.faults.early_firmware and int(minutes) < 3))
        self.ups.shutdown_return(now_ms, delay_ms, None if never else int(minutes or 0) * _MINUTE_MS)
        return True


def _delay_ms(word: str) -> int | None:
    """None: no delay of the grammar."""
    if len(word) != 2:
        return None
    if word[0] == "." and word[1] in "23456789":
        return int(word[1]) * _MINUTE_MS // 10
    return int(word) * _MINUTE_MS if word.isdecimal() and int(word) <= 10 else None


_QUESTIONS: dict[str, Callable[[MegatecUps], str]] = {
    "Q1": MegatecUps._status,
    "D": MegatecUps._status,
    "QS": MegatecUps._status,
    "QI": MegatecUps._figures,
    "F": MegatecUps._rating,
    "I": MegatecUps._identity,
}
