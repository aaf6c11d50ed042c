"""PJLink class 1: a projector or display by network, one question at a time. Pure: bytes and times in, out.

UNVERIFIED against a real projector. Source: PJLink class 1 specification (JBMIA, public): TCP 4352, a greeting with
or without a random word, MD5 of word and password before the first command, the words of `pjlink_words.py`, ERR1
to ERR4, the projector hangs up after 30 s without a command. Written here because the libraries of PyPI bring their
own event loop (aiopjlink) or block on their own sockets (pypjlink2): none is bytes in, bytes out.

Must not live here: sockets (wire.py), when a lamp's power may be cut (the table of edges, controller).

Results of `display.<name>.power`: ACCEPTED when it said OK, DONE when it says that it is so. REFUSED: closed,
unsupported, access_denied. FAILED: timeout, closed, failed (ERR4). ERR3 (not now: cooling, warming) is asked again.
"""

from __future__ import annotations

from hardware.contract import NEVER_MS, Order, Reading, Report, Result, Stage, Value
from hardware.protocols import pjlink_words as words

POLL_MS = 10_000
MOST_POLL_MS = 20_000
"""Whatever the pace: the projector hangs up after 30 s without a command."""

MOVING_POLL_MS = 2_000
"""While it warms or cools, or an order waits for its effect."""

ANSWER_MS = 5_000
"""Answers come within a second; projectors in standby take longer."""

AGAIN_MS = 5_000
"""Between two tries of an order that was answered *not now*."""

MISSES = 3
"""Unanswered questions in a row before it counts as silent."""

GRACE_MS = 15_000
"""A port that is closed so long is silence: three openings, and projectors that hang up are back before."""

REFUSED_MS, REFUSED_MOST_MS = 60_000, 3_600_000
"""After a refused password nothing is asked for so long, then twice as long, up to an hour (R15). The projector
still hangs up and is still called: that it greets us is a sign of life."""

SLOW_EVERY = 6
"""Every sixth round also asks for errors and lamp hours."""


class PjLink:
    """One display, as a `Conversation`: source `display.<name>`, target `display.<name>.power`."""

    def __init__(self, name: str, password: str | None = None) -> None:
        self._source, self._target = f"display.{name}", f"display.{name}.power"
        self._password = password
        self._reports: list[Report] = []
        self._out = bytearray()
        self._open = False
        self._base_ms = POLL_MS
        self._silent_ms: int | None = None
        self._names = ["", ""]
        self._rounds = 0
        self._missed = 0
        self._order: Order | None = None
        self._order_end_ms = self._again_ms = NEVER_MS
        self._accepted = False
        self._power = ""
        self._refusals = 0
        self._locked_ms = -NEVER_MS
        self._connect()

    def _connect(self) -> None:
        """Nothing of an earlier connection holds for this one."""
        self._line = bytearray()
        self._digest: str | None = None
        self._held: str | None = None
        self._login = ""
        self._question = ""
        self._todo: list[str] = []
        self._due_ms = self._poll_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        if self._silent_ms is None:
            return 0
        own = min(self._due_ms if self._question else self._poll_ms, self._order_end_ms)
        return min(own, self._again_ms) if self._open else min(self._silent_ms, self._order_end_ms)

    # -- the conversation

    def opened(self, now_ms: int) -> None:
        """It speaks first: the greeting is the answer to an unspoken question."""
        self._open = True
        self._connect()
        self._question, self._due_ms = "greeting", now_ms + ANSWER_MS
        self._silent_ms = now_ms + GRACE_MS

    def closed(self, now_ms: int) -> None:
        """It hung up, or its power went: what was asked is not answered; silence is said only when it lasts."""
        self._open = False
        self._connect()
        self._out.clear()
        self._finish(Stage.FAILED, "closed", now_ms)
        self._silent_ms = now_ms + GRACE_MS

    def pace(self, period_ms: int) -> None:
        self._base_ms = min(MOST_POLL_MS, period_ms or POLL_MS)

    def ask(self, order: Order, now_ms: int) -> None:
        """Take an order; a newer one supersedes it."""
        if order.target != self._target or order.value not in words.WORDS:
            self._tell(order, Stage.REFUSED, "unsupported", now_ms)
        elif not self._open or self._login != "ok":
            code = "access_denied" if self._open and self._login else "closed"
            self._tell(order, Stage.REFUSED, code, now_ms)
        else:
            self._finish(Stage.SUPERSEDED, "", now_ms)
            self._order, self._order_end_ms = order, now_ms + max(1, order.within_ms)
            self._accepted, self._again_ms = False, NEVER_MS
            self._poll_now(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes in any cuts; never raises."""
        if not self._open:
            return
        *ended, rest = (bytes(self._line) + data).split(b"\r")
        self._line = bytearray(rest[-words.LINE_MAX :])
        for line in ended:
            self._read(line.decode("utf-8", errors="replace").strip(), now_ms)

    def tick(self, now_ms: int) -> None:
        """Do what is due: give up on an answer or an order, ask again, say that nothing is there."""
        if self._silent_ms is None:
            self._silent_ms = now_ms + GRACE_MS
        if now_ms >= self._order_end_ms:
            self._finish(Stage.FAILED, "timeout", now_ms)
        if not self._open:
            if now_ms >= self._silent_ms:
                self._silent_ms = now_ms + self._base_ms
                self._say_silent(now_ms)
            return
        if self._question and now_ms >= self._due_ms:
            self._unanswered(now_ms)
        if now_ms >= self._again_ms:
            self._again_ms = NEVER_MS
            self._poll_now(now_ms)
        if self._held is not None and now_ms >= self._poll_ms:
            self._admit(self._held, now_ms)
        elif not self._question and now_ms >= self._poll_ms:
            self._begin_round(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out, reports = bytes(self._out), tuple(self._reports)
        self._out.clear()
        self._reports.clear()
        return out, reports

    # -- hearing

    def _read(self, said: str, now_ms: int) -> None:
        if said.upper().startswith("PJLINK "):
            self._greeted(said[7:].strip(), now_ms)
            return
        verb, equals, value = said[2:].partition("=")
        if self._question[2:6] != verb.upper() or not equals:
            return  # to no question of ours, or too late
        question, self._question = self._question, ""
        self._missed = self._refusals = 0
        if value.startswith("ERR") and value[3:] in ("1", "2", "3", "4"):
            self._erred(question, value, now_ms)
        else:
            self._learn(question, value.strip(), now_ms)
        self._next(now_ms)

    def _greeted(self, said: str, now_ms: int) -> None:
        secured, _, random = said.partition(" ")
        if said == "ERRA":
            self._locked_ms = now_ms + min(REFUSED_MOST_MS, REFUSED_MS << min(self._refusals, 8))
            self._refusals += 1
            self._denied("refused", now_ms)
        elif secured == "1" and self._password is None:
            self._denied("asked", now_ms)
        elif self._question == "greeting" and secured == "1" and now_ms < self._locked_ms:
            self._denied("refused", now_ms)
            self._held, self._poll_ms = random, self._locked_ms
        elif self._question == "greeting" and secured in ("0", "1"):
            self._admit(random if secured == "1" else None, now_ms)

    def _admit(self, random: str | None, now_ms: int) -> None:
        """Begin to ask; None: it wants no password."""
        self._question, self._missed, self._login, self._held = "", 0, "ok", None
        self._digest = "" if random is None else words.digest(random, self._password or "")
        self._begin_round(now_ms)

    def _denied(self, login: str, now_ms: int) -> None:
        """Nothing more is asked on this connection; the projector or we hang up, and it is tried again."""
        self._login, self._question = login, ""
        self._poll_ms = self._due_ms = self._again_ms = NEVER_MS
        self._finish(Stage.REFUSED, "access_denied", now_ms)
        self._say(now_ms, answers=True, login=login)

    def _learn(self, question: str, value: str, now_ms: int) -> None:
        if question == words.POWER and (power := words.power_of(value)):
            self._power = power
            self._say(now_ms, answers=True, login="ok", power=power)
            self._pursue(now_ms)
        elif question in words.WORDS.values() and value == "OK":
            self._accept(now_ms)
        elif question == words.ERRORS and (bad := words.bad_parts(value)) is not None:
            self._say(now_ms, fault=bad)
        elif question == words.LAMP and (hours := words.lamp_hours(value)) is not None:
            self._say(now_ms, lamp_h=hours)
        elif question in words.NAMES:
            self._names[words.NAMES.index(question)] = words.named(value)
            self._say(now_ms, identity=" ".join(filter(None, self._names)))

    def _erred(self, question: str, code: str, now_ms: int) -> None:
        if question == words.POWER:
            # ERR3, ERR4: it answers, and cannot say.
            self._power = ""
            self._say(now_ms, answers=True, login="ok", power=None)
        elif question in words.WORDS.values() and self._order is not None:
            if code == "ERR3":
                self._again_ms = now_ms + AGAIN_MS
            elif code == "ERR4":
                self._finish(Stage.FAILED, "failed", now_ms)
            else:
                self._finish(Stage.REFUSED, "unsupported", now_ms)

    def _unanswered(self, now_ms: int) -> None:
        self._question, self._missed = "", self._missed + 1
        self._todo.clear()
        if self._missed >= MISSES:
            self._say_silent(now_ms)
        if self._digest is None:
            # No greeting: nothing may be asked; another look at the same silence later.
            self._question, self._due_ms = "greeting", now_ms + ANSWER_MS
        else:
            self._poll_ms = now_ms + (self._base_ms if self._missed >= MISSES else 1)

    # -- the order under way

    def _pursue(self, now_ms: int) -> None:
        """Is it as ordered? Else say the word, as soon as it can be heard."""
        order = self._order
        if order is None:
            return
        if self._power == order.value:
            self._finish(Stage.DONE, "", now_ms)
        elif not self._accepted and self._again_ms == NEVER_MS and self._power in ("on", "standby"):
            self._todo.insert(0, words.WORDS[str(order.value)])

    def _accept(self, now_ms: int) -> None:
        if self._order is not None and not self._accepted:
            self._accepted = True
            self._tell(self._order, Stage.ACCEPTED, "", now_ms)

    def _finish(self, stage: Stage, code: str, now_ms: int) -> None:
        order, self._order = self._order, None
        self._order_end_ms = self._again_ms = NEVER_MS
        if order is not None:
            self._tell(order, stage, code, now_ms)

    # -- asking

    def _begin_round(self, now_ms: int) -> None:
        self._todo = [words.POWER]
        if self._rounds % SLOW_EVERY == 0:
            self._todo += [name for name, known in zip(words.NAMES, self._names, strict=True) if not known]
            self._todo += words.SLOW
        self._rounds += 1
        self._next(now_ms)

    def _poll_now(self, now_ms: int) -> None:
        self._poll_ms = min(self._poll_ms, now_ms)
        if not self._question:
            self._begin_round(now_ms)

    def _next(self, now_ms: int) -> None:
        """Ask the next thing of this round, or rest until the next one."""
        if self._todo and self._login == "ok":
            self._question, self._due_ms = self._todo.pop(0), now_ms + ANSWER_MS
            self._out += f"{self._digest}{self._question}\r".encode()
            self._digest = ""  # goes before the first command only
        else:
            moves = self._power in ("cooling", "warming") or self._order is not None
            self._poll_ms = now_ms + (MOVING_POLL_MS if moves else self._base_ms)

    # -- telling

    def _say_silent(self, now_ms: int) -> None:
        self._power = ""
        self._say(now_ms, answers=False, power=None)

    def _say(self, now_ms: int, **values: Value) -> None:
        self._reports.append(Reading(self._source, tuple(values.items()), now_ms))

    def _tell(self, order: Order, stage: Stage, code: str, now_ms: int) -> None:
        self._reports.append(Result(order.id, stage, code, now_ms))
