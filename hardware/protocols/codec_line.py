"""What our side does alike with any codec on one text line: orders, reports, silence and the next wake.

Law: as of the conversations built on it (`cisco.py`, `polycom.py`): sans-I/O, nothing that the device sends raises.
What is asked, how answers are read and how one logs in is theirs; who may speak is `desk.py`'s.
"""

from __future__ import annotations

from typing import Final, Generic, Protocol, TypeVar

from hardware.contract import NEVER_MS, Order, Report, Result, Stage
from hardware.protocols.codec_camera import CameraFacts
from hardware.protocols.codec_settings import Settings
from hardware.protocols.desk import Desk, Job
from hardware.protocols.facts import Facts
from hardware.protocols.script import End, Script

MAX_REPORTS: Final = 1_000
"""Reports kept until they are taken: the carrier takes them after every call, so this is a broken carrier."""


class Lock(Protocol):
    """Who logs in."""

    @property
    def locked(self) -> bool:
        """It was refused, and is not tried now."""
        ...

    def forget(self) -> None:
        """The device is gone; what it said of us holds no more."""
        ...


class Known(Protocol):
    """What our side knows of the codec while the port is open."""

    now_ms: int
    period_ms: int
    recheck_ms: int
    updating_until_ms: int
    silent_n: int
    identified: bool
    doubt: bool
    round: bool
    model: str
    serial: str
    facts: Facts
    settings: Settings
    camera: CameraFacts | None

    @property
    def login(self) -> Lock: ...

    @property
    def lost(self) -> bool:
        """Asked at least three times, silent."""
        ...

    def recheck(self, after_ms: int) -> None:
        """Ask for the state anew after so long."""
        ...

    def unknown(self, answers: bool | None) -> None:
        """Nothing of the device is known any more."""
        ...


S = TypeVar("S", bound=Known)


class CodecLine(Generic[S]):
    """The part of a `hardware.contract.Conversation` that codecs share. Who builds on it sets `_desk`, and says how
    an order becomes a script, how life begins, and until when a prompt that stands is waited for."""

    _desk: Desk

    def __init__(self, session: S) -> None:
        self._session = session
        self._life: Job | None = None
        self._reports: list[Report] = []
        self._wake_ms = NEVER_MS

    def _plan(self, order: Order) -> Script | End:
        """How `order` is carried out, or why not."""
        raise NotImplementedError

    def _life_script(self, fresh: bool) -> Script:
        """Make contact and ask for the state, for ever. `fresh`: the port was opened just now."""
        raise NotImplementedError

    def _prompt_ms(self) -> int:
        """When a prompt that stands is answered."""
        raise NotImplementedError

    @property
    def wake_ms(self) -> int:
        """When `tick` must be called next."""
        return self._wake_ms

    @property
    def identity(self) -> str:
        """model:serial as answered on the open port, empty before."""
        s = self._session
        return f"{s.model}:{s.serial}" if s.identified else ""

    def pace(self, period_ms: int) -> None:
        """Ask for the state every `period_ms` (below a minute: a third of it in a call); 0: 30 s. At once."""
        s = self._session
        quicker = 0 < period_ms < (s.period_ms or NEVER_MS) and self._life is not None
        s.period_ms = period_ms
        if quicker:
            s.recheck(0)
            self._wake_ms = min(self._wake_ms, s.now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """The bytes to write and the reports since the last call."""
        data, self._desk.out = bytes(self._desk.out), bytearray()
        reports, self._reports = tuple(self._reports), []
        return data, reports

    def ask(self, order: Order, now_ms: int) -> None:
        """Carry out an order; a newer one for the same target replaces it."""
        self._session.now_ms = now_ms
        script = self._plan(order)
        if not isinstance(script, End) and (refusal := self._refusal()) is not None:
            script = refusal
        if isinstance(script, End):
            self.answer(Result(order.id, script.stage, script.code, now_ms))
        else:
            for job in [job for job in self._desk.jobs if job.target == order.target]:
                self._desk.drop(job, End(Stage.SUPERSEDED), now_ms)
            self._desk.add(Job(script, order, order.target, now_ms + max(0, order.within_ms)), now_ms)
            self._desk.run(now_ms)
        self._settle()

    def _refusal(self) -> End | None:
        s = self._session
        if self._life is None:
            return End(Stage.REFUSED, "closed")
        if s.login.locked:
            return End(Stage.REFUSED, "login")
        # While contact is being made anew the order waits; a silent or strange device gets none.
        known = s.identified or s.facts.get("answers") is True
        return None if known else End(Stage.REFUSED, "not_identified")

    def _live(self, script: Script) -> None:
        self._die()
        self._life = Job(script)
        self._desk.add(self._life, self._session.now_ms)

    def _die(self) -> None:
        if self._life is not None:
            self._desk.drop(self._life, None, self._session.now_ms)
        self._life = None

    def _fail_orders(self, code: str) -> None:
        for job in [job for job in self._desk.jobs if job is not self._life]:
            self._desk.drop(job, End(Stage.FAILED, code), self._session.now_ms)

    def _gone(self) -> None:
        """A device that was silent before is not more silent now: that word only grows old."""
        self._session.unknown(answers=None if self._session.facts.get("answers") else False)

    def _unanswered(self) -> None:
        """Count a silence; the third means that the device is lost."""
        s = self._session
        s.silent_n, s.doubt = s.silent_n + 1, True
        if s.silent_n == 3:
            s.login.forget()
            s.unknown(answers=False)
            self._fail_orders("silent")
            self._live(self._life_script(fresh=False))
        if s.lost:
            s.facts.put("answers", False)
            s.round = True

    def _settle(self) -> None:
        """Report what changed, and reckon the next wake."""
        self._report()
        s = self._session
        if self._life is None:
            self._wake_ms = NEVER_MS
            return
        wake_ms = min(self._desk.wake_ms(s.now_ms), self._prompt_ms())
        for due_ms in (s.recheck_ms, s.updating_until_ms):
            wake_ms = min(wake_ms, due_ms) if due_ms > s.now_ms else wake_ms
        self._wake_ms = max(wake_ms, s.now_ms + 1)

    def _report(self) -> None:
        s = self._session
        sources = (s.facts, s.settings.facts)
        for facts in sources if s.camera is None else (*sources, s.camera.facts):
            if (s.round or facts.changed) and (reading := facts.reading(s.now_ms)) is not None:
                self._push(reading)
        s.round = False

    def _push(self, report: Report) -> None:
        if len(self._reports) < MAX_REPORTS:
            self._reports.append(report)

    def answer(self, result: Result) -> None:
        """Facts go out before the result that rests on them."""
        self._report()
        self._push(result)
