"""The login of a Cisco codec's serial port: answered once, and a refused password is not tried again and again.

Law: pure; time is an argument; the secrets are handed out once per prompt and shown nowhere (`repr` is bare).
Sources: Cisco API reference guides (serial port, LoginRequired: asked after every restart); administrator's guide,
Security Session MaxFailedLogins and FailedLoginsLockoutTime (60 min): hammering locks the account for everybody.
"""

from __future__ import annotations

from typing import Final

from hardware.contract import NEVER_MS
from hardware.protocols.cisco_lines import PieceReader, prompt_of

MAX_TRIES: Final = 2
"""One for good, one for a byte that the line bent. A third is for the person who opens the port anew."""
AGAIN_MS: Final = 5_400_000
"""Between the two: longer than the codec's longest usual lock-out, an hour."""
LOOK_MS: Final = 600_000
"""How often an empty line is sent to see whether somebody has logged in; that is no try."""
SETTLE_MS: Final = 100
"""A prompt counts when nothing follows it for this long: else it is the beginning of some other line."""
PASSED_MS: Final = 5_000
"""No greeting and no new prompt within this time after the password: we may be in all the same."""
USER: Final = "admin"
"""The account that every one of these codecs has."""


class CiscoLogin:
    """`state` is the field `login`: None until something is known, then ok, asked or refused."""

    def __init__(self, user: str | None, password: str | None) -> None:
        self._user = (user or USER) if password is not None else None
        self._password = password
        self._named = False
        self._tries = 0
        self._tried_ms = 0
        self._assumed = False
        self.awaiting = False
        self.state: str | None = None

    @property
    def locked(self) -> bool:
        """Nothing that we say would be taken for a command."""
        return self.state in ("asked", "refused") and not self._assumed

    def answer(self, prompt: str, now_ms: int) -> str | None:
        """What to type at this prompt (`login` or `password`), or None: leave it alone."""
        self.failed()
        self._assumed = False
        if prompt == "password":
            return self._secret(now_ms)
        self._named = self._user is not None and self._may(now_ms)
        if self.state != "refused" or self._named:
            self.state = "asked"
        return self._user if self._named else None

    def _may(self, now_ms: int) -> bool:
        waited = not self._tries or now_ms - self._tried_ms >= AGAIN_MS
        return self._tries < MAX_TRIES and waited

    def _secret(self, now_ms: int) -> str:
        """The password, once, for the name that we typed; an empty line where a command of ours was taken for a
        name, so that the prompt for one comes back."""
        self.state = self.state or "asked"
        if not self._named or self._password is None:
            return ""
        self._named, self.awaiting = False, True
        self._tries, self._tried_ms = self._tries + 1, now_ms
        return self._password

    def failed(self) -> None:
        """The device refused the last password."""
        if self.awaiting:
            self.awaiting = self._assumed = False
            self.state = "refused"

    def assume(self) -> None:
        """No new prompt came: speak as if we were in. Only an answer proves it and forgives the tries."""
        self._assumed = True

    def passed(self) -> None:
        """The device let us in, or answered us."""
        self._tries, self.awaiting, self._assumed, self.state = 0, False, False, "ok"

    def forget(self) -> None:
        """The device is silent: whether it will ask again is not known. Tries that failed are remembered."""
        self._named = self.awaiting = self._assumed = False
        if self.state != "refused":
            self.state = None

    def anew(self) -> None:
        """The port was opened: somebody was here, or we were restarted."""
        self._tries, self.state = 0, None
        self.forget()


class PromptWatch:
    """A prompt that stands: in the unterminated rest, or as the last line with nothing behind it."""

    def __init__(self) -> None:
        self.name = ""
        self.due_ms = NEVER_MS

    def note(self, reader: PieceReader, pieces: list[str], now_ms: int) -> None:
        """Bytes came: is there a prompt, or is there none any more?"""
        name = reader.prompt()
        if not name and reader.at_line_start:
            name = prompt_of(pieces[-1]) if pieces else self.name
        if name != self.name:
            self.name, self.due_ms = name, now_ms + SETTLE_MS if name else NEVER_MS
