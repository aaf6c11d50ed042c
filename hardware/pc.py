"""A computer that runs the meeting, asked whether it is there: an ICMP echo, and where that is not answered a port.

Must not live here: what its silence means for the room (rules/computer.py). It takes no orders: a computer shuts
itself down. Source `codec`, field `answers` as of every codec: True it answered, False it was silent three times
in a row, None nothing can be asked from here (no socket for us, every packet turned away).

Windows answers no echo unless its firewall is told to; a port that is open (445, 3389) or refused answers all the
same, and a closed firewall answers neither: then only the measured power of its socket shows that it lives.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence

from hardware.contract import Reading
from hardware.line_probes import Kind, open_kind, version_of

SILENT_ROW = 3
"""The contract's: asked at least three times, silent."""
ANSWER_S = 1.0
"""It stands in the same room: an answer takes a millisecond, one from a busy machine a tenth of a second."""
NUMBERS = 1 << 16


class PcEye:
    """`read` blocks for at most a second for each of `kinds` (`icmp`, `tcp:<port>`), in their order."""

    def __init__(
        self,
        address: str,
        kinds: Sequence[str],
        clock_ms: Callable[[], int],
        open_: Callable[[str, int], Kind | None] = open_kind,
    ) -> None:
        self._address, self._clock_ms, self._open = address, clock_ms, open_
        self._kinds: dict[str, Kind | None] = dict.fromkeys(kinds)
        self._n = 0
        self._silent = 0
        self._answers: bool | None = None

    def read(self) -> tuple[Reading, ...]:
        heard = None
        for name in self._kinds:
            answer = self._asked(name)
            heard = answer if heard is None or answer else heard
            if heard:
                break
        self._silent = self._silent + 1 if heard is False else 0
        if heard is not False or self._silent >= SILENT_ROW:
            self._answers = heard
        return (Reading("codec", (("answers", self._answers),), self._clock_ms()),)

    def _asked(self, name: str) -> bool | None:
        """One probe; None = it could not be made."""
        kind = self._kinds[name]
        if kind is None:
            kind = self._kinds[name] = self._open(name, version_of(self._address))
        if kind is None:
            return None
        self._n = (self._n + 1) % NUMBERS
        word = kind.send(self._address, self._n)
        if not word:
            word = _word_of(kind, self._n, time.monotonic() + ANSWER_S)
            kind.drop(self._n)
        return None if word == "prohibited" else word == "answer"


def _word_of(kind: Kind, n: int, end_s: float) -> str:
    """What became of probe `n` by then; '' = nothing."""
    while (left_s := end_s - time.monotonic()) > 0:
        poll = select.poll()
        for fd, events in kind.fds():
            poll.register(fd, events)
        for fd, _ in poll.poll(1000 * left_s):
            for heard in kind.take(fd):
                if heard.n == n:
                    return heard.word
    return ""
