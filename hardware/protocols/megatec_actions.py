"""What a Megatec UPS is told, and how it shows that it has done it. Pure.

Must not live here: when something may be sent (megatec.py). Plain units are silent on actions, so the next readings
are the proof; other units answer ACK or NAK, and an unknown command comes back as it was sent.
Source: Network UPS Tools, drivers blazer.c, nutdrv_qx_megatec.c.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hardware.contract import Report
from hardware.protocols.megatec_belief import SHUTDOWN_BIT
from hardware.protocols.megatec_lines import shutdown_word
from hardware.protocols.nut_orders import BEEPER_OFF, BEEPER_ON, QUICK, RETURN, STAY, STOP, Errands, SelfTest

PROOFS = 6
"""Readings after an action in which its effect must show: three seconds."""

_EFFECTS: Mapping[str, Callable[[str], bool]] = {
    QUICK: lambda bits: "1" in (bits[5], bits[0]),  # some show only that they are on battery
    STOP: lambda bits: bits[5] == bits[0] == "0",
    RETURN: lambda bits: bits[SHUTDOWN_BIT] == "1",
    STAY: lambda bits: bits[SHUTDOWN_BIT] == "0",
    BEEPER_ON: lambda bits: bits[7] == "1",
    BEEPER_OFF: lambda bits: bits[7] == "0",
}
"""Instant command in NUT's spelling → what the bits show when it has worked."""


class Actions:
    """Orders that wait and the one under way; `acted`: it was sent and its effect is waited for."""

    def __init__(self, reports: list[Report], cut_after_s: float, back_after_min: int) -> None:
        self.errands = Errands(reports)
        self.test = SelfTest()
        self.acted = False
        self._proofs = 0
        self._words: Mapping[str, bytes] = {
            QUICK: b"T",
            STOP: b"CT",
            RETURN: shutdown_word(cut_after_s, back_after_min).encode(),
            STAY: b"C",
            BEEPER_ON: b"Q",
            BEEPER_OFF: b"Q",
        }

    def begin(self, bits: str, now_ms: int) -> bytes:
        """Make the order that waits longest the one under way; what to send, b"" when it is so already."""
        self.errands.begin()
        command = self.errands.command
        if command in (BEEPER_ON, BEEPER_OFF) and _EFFECTS[command](bits):
            # Q only turns it round: it must not be sent for nothing.
            self.errands.done(now_ms)
            return b""
        self.acted, self._proofs = True, PROOFS
        self.test.sent(command, now_ms)
        return self._words[command]

    def prove(self, bits: str, fsd_believed: bool, now_ms: int) -> None:
        """Does this reading show the effect of the action under way? A stuck shutdown bit shows nothing."""
        command = self.errands.command
        if not command or not self.acted:
            return
        if _EFFECTS[command](bits) and (fsd_believed or command != RETURN):
            self.end("", now_ms)
            return
        self._proofs -= 1
        if self._proofs <= 0:
            self.acted = False
            self.errands.fail("unconfirmed", now_ms)

    def end(self, code: str, now_ms: int) -> None:
        """The device said yes ('') or no to the action under way."""
        self.acted = False
        if code:
            self.test.refused(self.errands.command)
            self.errands.decline(code, now_ms)
        else:
            self.errands.done(now_ms)

    def expire(self, now_ms: int) -> None:
        """Fail what has run out of time."""
        self.errands.expire(now_ms)
        self.acted = self.acted and bool(self.errands.command)
