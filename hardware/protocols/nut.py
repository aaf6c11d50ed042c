"""The conversation with upsd: polls one UPS, says what is known of it, and carries out test and shutdown.

Pure: bytes and times in, bytes and reports out. Must not live here: sockets (wire.py), line format
(nut_lines.py), meaning of variables (nut_status.py), whether an outage matters (the rules).
Source: Network UPS Tools, docs/net-protocol.txt. Clauses: R5 (stable power), R7 (self-test).

Laws of this file
- Every period brings a word about the link, and only `ok` carries a source: a daemon that is gone, starting,
  stale or silent is *unknown*, never "on battery".
- One question is open at a time. A list is known by its BEGIN and END; a bare OK or ERR belongs to the open
  question. After a question that was never answered the next one is a list, which sets the order right again.
- Credentials are sent only before the first command of a connection. upsd says OK to a wrong password and
  ACCESS-DENIED to the command: the order is refused, once.

Not supported: STARTTLS and LOGIN. We do not count as powered by the UPS: upsmon's forced shutdown is not
for a Pi that must never be halted (R5).
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.contract import Order, Reading, Report
from hardware.protocols.nut_lines import LineReader, command, words
from hardware.protocols.nut_orders import COMMANDS, Errands, SelfTest
from hardware.protocols.nut_status import Values, known, source, tokens, unknown, waits

POLL_MS = 10_000
LEAST_POLL_MS = 1_000
BATTERY_POLL_MS = 2_000
"""On battery, or while a test of ours may run: a quick test lasts some 10 s, and R5 counts seconds."""

ANSWER_MS = 5_000
"""upsd answers from memory within milliseconds; five seconds means that it hangs or the line is gone."""

MISSES = 2
"""Silent polls before the link is `down`: at the default pace that is 15 s, well before the facts go stale."""

GRACE_MS = 5_000
"""Time for the first connection before a closed port is worth a word."""

SAID_MAX = 65_536
"""Bytes of one list that are remembered to be known again: MAX_VARS lines of the usual length."""

MAX_VARS = 512
"""Variables kept of one list; the largest drivers give about 120."""

_LINK_WORDS = {"DATA-STALE": "stale", "DRIVER-NOT-CONNECTED": "driver"}
_ALREADY = frozenset({"ALREADY-SET-USERNAME", "ALREADY-SET-PASSWORD"})


class Nut:
    """One UPS of one upsd, as a `Conversation`. Reports source `ups`; takes `ups.test` and `ups.shutdown`.

    Results: DONE when upsd said OK; REFUSED with upsd's code in our spelling (`access_denied`,
    `cmd_not_supported` …), `closed`, or `unsupported`; FAILED with `timeout`, `closed`, `instcmd_failed`,
    `data_stale`, `driver_not_connected`.
    """

    def __init__(self, ups: str, user: str | None = None, password: str | None = None) -> None:
        self._ups = ups
        self._list_command = command("LIST", "VAR", ups)
        login = () if user is None else (command("USERNAME", user), command("PASSWORD", password or ""))
        self._credentials = login
        self._login: list[bytes] = []
        self._lines = LineReader()
        self._noise = 0
        self._out = bytearray()
        self._reports: list[Report] = []
        self._errands = Errands(self._reports)
        self._test = SelfTest()
        self._open = False
        self._question = ""
        self._sent = ""
        self._due_ms = 0
        self._doubt = False
        self._missed = 0
        self._list: dict[str, str] | None = None
        self._known: Mapping[str, str] = {}
        self._status: frozenset[str] = frozenset()
        self._same = self._part = self._said = b""
        """The bytes that said `_known`, if they were one whole list and nothing else; what of them has come again
        and is not read yet; what was read since the list was asked for."""
        self._noted = 0
        self._base_ms = POLL_MS
        self._asked_ms: int | None = None
        self._hurry = False
        self._battery = False

    @property
    def garbage(self) -> int:
        """Lines that meant nothing or answered nothing, since the start."""
        return self._noise + self._lines.dropped

    @property
    def wake_ms(self) -> int:
        """When `tick` has something to do next; 0 before the first one."""
        if self._asked_ms is None:
            return 0
        return min(self._errands.wake_ms, self._due_ms if self._question else self._poll_ms)

    def opened(self, now_ms: int) -> None:
        """The port is there: ask at once."""
        self._open, self._hurry = True, True
        self._lines.reset()
        self._part = b""
        self._login = list(self._credentials)
        self._question, self._doubt, self._missed, self._list = "", False, 0, None
        self._advance(now_ms)

    def closed(self, now_ms: int) -> None:
        """The port went: say so, and fail what was asked over it."""
        self._open = False
        self._question, self._list = "", None
        self._out.clear()
        self._errands.fail_all("closed", now_ms)
        self._say_down(now_ms)

    def pace(self, period_ms: int) -> None:
        """Poll every `period_ms`, at least a second; 0 = default. On battery it is at most two seconds."""
        self._base_ms = max(LEAST_POLL_MS, period_ms) if period_ms else POLL_MS

    def ask(self, order: Order, now_ms: int) -> None:
        """Take an order; one per target waits, a later one supersedes it."""
        if (order.target, order.value) not in COMMANDS:
            self._errands.refuse(order, "unsupported", now_ms)
        elif not self._open:
            self._errands.refuse(order, "closed", now_ms)
        else:
            self._errands.put(order, now_ms)
            self._advance(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes from upsd, in any cuts. Never raises."""
        if not self._open:
            return
        asked = self._question == "list"
        fresh = asked and self._list is None and self._lines.empty and not self._said
        data, self._part = self._part + data, b""
        if fresh and data != self._same and self._same.startswith(data):
            self._part = data
        elif fresh and data == self._same != b"":
            # At rest one list is like the other, byte for byte, for months: it says the same again.
            self._tell(now_ms)
            self._advance(now_ms)
        else:
            self._push(data, now_ms)
            if asked and self._question != "list" and _one_list(self._said) and self.garbage == self._noted:
                self._same = self._said

    def _push(self, data: bytes, now_ms: int) -> None:
        if len(self._said) < SAID_MAX:
            self._said += data
        for line in self._lines.push(data):
            self._read(words(line) or (), now_ms)
            if not self._question:
                self._advance(now_ms)

    def tick(self, now_ms: int) -> None:
        """Do what is due: expire orders and questions, poll, or say that nothing is there."""
        if self._asked_ms is None:
            self._asked_ms = now_ms + GRACE_MS - self._base_ms
        self._errands.expire(now_ms)
        if self._question and now_ms >= self._due_ms:
            self._unanswered(now_ms)
        self._advance(now_ms)
        if not self._open and now_ms >= self._poll_ms:
            self._say_down(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """What to send and what to report since the last call."""
        out, reports = bytes(self._out), tuple(self._reports)
        self._out.clear()
        self._reports.clear()
        return out, reports

    def _read(self, said: tuple[str, ...], now_ms: int) -> None:
        match said:
            case ("VAR", self._ups, name, value) if self._list is not None:
                if len(self._list) < MAX_VARS:
                    self._list[name] = value
            case ("BEGIN", "LIST", "VAR", self._ups):
                self._list = {}
            case ("END", "LIST", "VAR", self._ups) if self._list is not None:
                self._listed(self._list, now_ms)
            case ("OK", *_) if self._question == "step":
                self._stepped(now_ms)
            case ("ERR", code, *_) if self._question:
                self._erred(code, now_ms)
            case _:
                self._noise += 1

    def _listed(self, variables: Mapping[str, str], now_ms: int) -> None:
        self._known, self._status, self._same = variables, tokens(variables), b""
        self._tell(now_ms)

    def _tell(self, now_ms: int) -> None:
        """Say what the list says."""
        status = self._status
        self._heard()
        if waits(status):
            self._say(unknown("wait", status), now_ms)
            return
        self._battery = source(status) == "battery"
        self._say(known(self._known, self._test.runs(status, now_ms)), now_ms)

    def _stepped(self, now_ms: int) -> None:
        self._question = ""
        if self._login:
            self._login.pop(0)
        else:
            self._errands.done(now_ms)
            # The effect shows in the next list, and the decider waits for it.
            self._hurry = True

    def _erred(self, code: str, now_ms: int) -> None:
        if self._question == "step":
            self._step_erred(code, now_ms)
        elif self._doubt and code not in _LINK_WORDS:
            # It may be the late answer to a command that was given up; the list will speak for itself.
            self._noise += 1
        else:
            self._heard()
            self._say(unknown(_LINK_WORDS.get(code, "refused")), now_ms)

    def _step_erred(self, code: str, now_ms: int) -> None:
        if code in _ALREADY and self._login:
            self._stepped(now_ms)
            return
        self._question = ""
        self._login.clear()
        self._test.refused(self._sent)
        self._errands.erred(code, now_ms)

    def _heard(self) -> None:
        self._list, self._doubt, self._missed = None, False, 0
        if self._question == "list":
            self._question = ""

    def _unanswered(self, now_ms: int) -> None:
        self._push(self._part, now_ms)
        self._part = b""
        self._missed += self._question == "list"
        # Never sent twice by us: the UPS may have heard it. Whether to order again is the decider's choice.
        self._errands.fail("timeout", now_ms)
        self._question, self._doubt = "", True
        if self._missed >= MISSES:
            self._say(unknown("down"), now_ms)

    def _advance(self, now_ms: int) -> None:
        """Ask the next thing: the rest of an order under way, the poll that is due, an order that waits."""
        if not self._open or self._question:
            return
        if self._errands.command:
            self._step(now_ms)
        elif self._hurry or now_ms >= self._poll_ms or (self._doubt and self._errands.waiting):
            self._hurry, self._asked_ms = False, now_ms
            self._put("list", self._list_command, now_ms)
        elif self._errands.waiting:
            self._errands.begin()
            self._step(now_ms)

    def _step(self, now_ms: int) -> None:
        if self._login:
            self._sent = ""
            self._put("step", self._login[0], now_ms)
            return
        self._sent = self._errands.command
        self._test.sent(self._sent, now_ms)
        self._put("step", command("INSTCMD", self._ups, self._sent), now_ms)

    def _put(self, question: str, line: bytes, now_ms: int) -> None:
        self._question, self._due_ms = question, now_ms + ANSWER_MS
        self._said, self._noted = b"", self.garbage
        self._out += line

    @property
    def _poll_ms(self) -> int:
        asked_ms = self._asked_ms or 0
        quick = self._battery or self._test.until_ms > asked_ms
        return asked_ms + (min(self._base_ms, BATTERY_POLL_MS) if quick else self._base_ms)

    def _say_down(self, now_ms: int) -> None:
        self._asked_ms = now_ms
        self._say(unknown("down"), now_ms)

    def _say(self, values: Values, now_ms: int) -> None:
        self._reports.append(Reading("ups", values, now_ms))


def _one_list(data: bytes) -> bool:
    """A list of variables from its BEGIN to its END. A value with these words in it only costs the saving."""
    return data.startswith(b"BEGIN LIST VAR") and data.endswith(b"\n") and data.count(b"LIST VAR") == 2
