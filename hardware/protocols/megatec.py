"""The conversation with a Megatec/Q1 UPS on a serial port, behind the same contract as NUT's (nut.py).

Pure: bytes and times in, bytes and reports out. Must not live here: lines (megatec_lines.py), the meaning of bits
and volts (megatec_facts.py), what the UPS is told (megatec_actions.py).
Source: Network UPS Tools, drivers blazer.c, nutdrv_qx.c (1 s for an answer, three tries). Clauses: R5, R7.

Laws of this file
- Silence, noise, echo and a closed port are *unknown*, never "on battery".
- Until three readings agreed (megatec_belief.py) nothing is believed of it and no order is taken.
- One question is open at a time; a pause goes before the next one.
- Actions are silent on plain units: DONE when the next readings show the effect, or the UPS says ACK.
- F and I hang some units: each is asked twice at most in the life of the conversation, then never again.

Results: REFUSED with `closed`, `unsupported`, `not_identified`, `unknown_command` (echoed), `refused` (NAK); FAILED
with `timeout`, `closed`, `unconfirmed` (no reading showed the effect).
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.contract import Order, Reading, Report
from hardware.protocols.megatec_actions import Actions
from hardware.protocols.megatec_belief import Belief
from hardware.protocols.megatec_lines import Figures, Identity, Line, LineReader, Rating, Status, Words
from hardware.protocols.nut_orders import COMMANDS
from hardware.protocols.nut_status import Values, unknown

POLL_MS = 10_000
LEAST_POLL_MS = 1_000
BATTERY_POLL_MS = 2_000
"""As NUT's (nut.py): R5 counts seconds on battery."""

QUICK_MS = 500
"""While a change waits for its third reading, or an order for its proof."""

PAUSE_MS = 300
"""Between an answer and the next command; cheap units lose what comes sooner."""

ANSWER_MS = 1_000
"""An exchange takes 0.21 s at 2400 baud."""

ACTION_MS = 400
"""An echo or ACK would be here; the plain unit's silence is its yes."""

MISSES = 3
"""Unanswered questions in a row before the UPS counts as silent."""

GRACE_MS = 5_000
"""Time for the first opening before a closed port is worth a word."""

STATUS_WORD: Mapping[str, bytes] = {"megatec": b"Q1", "mustek": b"QS", "voltronic-qs": b"QS"}
"""Dialect → how status is asked for; all answer in the same columns."""


class Megatec:
    """One UPS on one line, as a `Conversation`: source `ups`; `ups.test`, `ups.shutdown`, `ups.beeper`.

    `nominal_v`: the battery's, for units that hang on F (0 = ask); `identify` False: never ask I. `cut_after_s` and
    `back_after_min` are the delays of a shutdown with return.
    """

    def __init__(
        self,
        dialect: str = "megatec",
        *,
        nominal_v: float = 0.0,
        identify: bool = True,
        cut_after_s: float = 30.0,
        back_after_min: int = 3,
    ) -> None:
        self._status_word = STATUS_WORD[dialect]
        self._figures_asked = dialect == "voltronic-qs"
        extras = [(b"F", not nominal_v), (b"I", identify)]
        self._extras = [word for word, wanted in extras for _ in range(2) if wanted]
        self._belief = Belief(nominal_v or None)
        self._lines = LineReader()
        self._noise = 0
        self._out = bytearray()
        self._reports: list[Report] = []
        self._actions = Actions(self._reports, cut_after_s, back_after_min)
        self._errands = self._actions.errands
        self._base_ms = POLL_MS
        self._asked_ms: int | None = None
        self._open = False
        self._forget()

    def _forget(self) -> None:
        """What was true of an earlier opening is no evidence."""
        self._question, self._sent_word, self._echoed = "", b"", False
        self._due_ms = self._ready_ms = 0
        self._missed = 0
        self._figures_due = self._actions.acted = False
        self._belief.forget()

    @property
    def garbage(self) -> int:
        """Lines that meant nothing or answered nothing, and bytes beyond any line, since the start."""
        return self._noise + self._lines.dropped

    @property
    def wake_ms(self) -> int:
        """When `tick` has something to do next; 0 before the first one."""
        if self._asked_ms is None:
            return 0
        if self._question:
            return min(self._errands.wake_ms, self._due_ms)
        next_ms = self._ready_ms if self._open and self._has_more else max(self._ready_ms, self._poll_ms)
        return min(self._errands.wake_ms, next_ms)

    def opened(self, now_ms: int) -> None:
        """The port is there: ask at once."""
        self._open = True
        self._lines.reset()
        self._forget()
        self._ask_status(now_ms)

    def closed(self, now_ms: int) -> None:
        """The port went: say so, and fail what was asked over it."""
        self._open = False
        self._out.clear()
        self._errands.fail_all("closed", now_ms)
        self._forget()
        self._asked_ms = now_ms
        self._say(unknown("down"), now_ms)

    def pace(self, period_ms: int) -> None:
        """Poll every `period_ms`, at least a second; 0 = default. On battery it is at most two seconds."""
        self._base_ms = max(LEAST_POLL_MS, period_ms) if period_ms else POLL_MS

    def ask(self, order: Order, now_ms: int) -> None:
        """Take an order; one per target waits, a later one supersedes it."""
        if (order.target, order.value) not in COMMANDS:
            self._errands.refuse(order, "unsupported", now_ms)
        elif not self._open or not self._belief.bits:
            self._errands.refuse(order, "not_identified" if self._open else "closed", now_ms)
        else:
            self._errands.put(order, now_ms)
            self._advance(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes of the line, in any cuts. Never raises."""
        if self._open:
            for line in self._lines.push(data):
                self._read(line, now_ms)

    def tick(self, now_ms: int) -> None:
        """Do what is due: expire orders and questions, poll, or say that nothing is there."""
        if self._asked_ms is None:
            self._asked_ms = now_ms + GRACE_MS - self._base_ms
        self._actions.expire(now_ms)
        if self._question and now_ms >= self._due_ms:
            self._unanswered(now_ms)
        self._advance(now_ms)
        if not self._open and now_ms >= self._poll_ms:
            self._asked_ms = now_ms
            self._say(unknown("down"), now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """What to send and what to report since the last call."""
        out, reports = bytes(self._out), tuple(self._reports)
        self._out.clear()
        self._reports.clear()
        return out, reports

    # -- hearing

    def _read(self, line: Line, now_ms: int) -> None:
        match line:
            case Status() if self._question == "status":
                self._answered(now_ms)
                self._told(line, now_ms)
            case Rating() if self._question == "extra":
                self._belief.nominal_v = line.battery_v
                self._learnt(now_ms)
            case Identity() if self._question == "extra":
                self._belief.model = line.model
                self._learnt(now_ms)
            case Figures() if self._question == "figures":
                self._belief.figures = line
                self._answered(now_ms)
            case Words(text) if self._question and text.encode("latin-1") == self._sent_word:
                self._heard_echo(now_ms)
            case Words("ACK" | "(ACK" | "NAK" | "(NAK" as text) if self._question == "action":
                self._answered(now_ms)
                self._actions.end("" if text.endswith("ACK") else "refused", now_ms)
            case _:
                self._noise += 1

    def _learnt(self, now_ms: int) -> None:
        """The rating or the name: not asked again."""
        self._extras = [word for word in self._extras if word != self._sent_word]
        self._answered(now_ms)

    def _heard_echo(self, now_ms: int) -> None:
        """A command that the unit does not know comes back; so does everything on a looped line."""
        self._echoed = True
        if self._question == "action":
            self._answered(now_ms)
            self._actions.end("unknown_command", now_ms)

    def _answered(self, now_ms: int) -> None:
        self._question, self._ready_ms = "", now_ms + PAUSE_MS

    def _told(self, status: Status, now_ms: int) -> None:
        self._missed, self._echoed = 0, False
        self._figures_due = self._figures_asked
        self._belief.hear(status)
        if not self._belief.bits:
            self._say(unknown("wait"), now_ms)
            return
        self._say(self._belief.values(status, self._actions.test, now_ms), now_ms)
        self._actions.prove(status.bits, self._belief.fsd, now_ms)

    def _unanswered(self, now_ms: int) -> None:
        question = self._question
        self._answered(now_ms)
        if question == "figures":
            self._belief.figures = None
        if question != "status":
            return
        self._missed += 1
        if self._missed >= MISSES:
            self._belief.forget()
            self._say(unknown("refused" if self._echoed else "stale"), now_ms)

    # -- asking

    @property
    def _has_more(self) -> bool:
        """Something waits that is not the poll."""
        return bool(self._belief.bits) and (self._errands.waiting or self._figures_due or bool(self._extras))

    @property
    def _poll_ms(self) -> int:
        asked_ms = self._asked_ms or 0
        if 0 < self._missed < MISSES:
            return asked_ms
        if self._open and (self._actions.acted or self._belief.unsettled):
            return asked_ms + QUICK_MS
        quick = self._belief.battery or self._actions.test.until_ms > asked_ms
        return asked_ms + (min(self._base_ms, BATTERY_POLL_MS) if quick else self._base_ms)

    def _advance(self, now_ms: int) -> None:
        """Ask the next thing: an order that waits, the poll that is due, what is asked once."""
        if not self._open or self._question or now_ms < self._ready_ms:
            return
        if self._belief.bits and self._errands.waiting:
            self._act(now_ms)
        elif now_ms >= self._poll_ms:
            self._ask_status(now_ms)
        elif self._belief.bits and self._figures_due:
            self._figures_due = False
            self._put("figures", b"QI", ANSWER_MS, now_ms)
        elif self._belief.bits and self._extras:
            self._put("extra", self._extras.pop(0), ANSWER_MS, now_ms)

    def _ask_status(self, now_ms: int) -> None:
        self._asked_ms = now_ms
        self._put("status", self._status_word, ANSWER_MS, now_ms)

    def _act(self, now_ms: int) -> None:
        word = self._actions.begin(self._belief.bits, now_ms)
        if word:
            self._put("action", word, ACTION_MS, now_ms)
        else:
            self._advance(now_ms)

    def _put(self, question: str, word: bytes, within_ms: int, now_ms: int) -> None:
        self._question, self._sent_word, self._due_ms = question, word, now_ms + within_ms
        self._lines.reset()
        self._out += word + b"\r"

    def _say(self, values: Values, now_ms: int) -> None:
        self._reports.append(Reading("ups", values, now_ms))
