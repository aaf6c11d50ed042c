"""The login dialogue of the serial port, and that a refused login is not hammered.

Law: pure; no clock; the secrets are handed out once per prompt and shown nowhere (`repr` is bare).
Source: Polycom Integrator's Reference Manual and administrator's guide (serial port, login mode); the texts
of prompts and of the refusal as in public control drivers.
"""

from __future__ import annotations

from typing import Final

MAX_TRIES: Final = 2
"""One for a garbled line, one for good; more could lock the account (administrator's guide, account lockout)."""
AGAIN_MS: Final = 600_000
"""Flat time between two rounds of tries: an operator changes a password within a day, not within a second."""
SETTLE_MS: Final = 100
"""A prompt counts when nothing follows it for this long: else it is the beginning of some other line."""
PASSED_MS: Final = 5_000
"""No new prompt within this time after the password: we are in, even without a banner."""


class Login:
    """`state` is the field `login`: None until something is known, then ok, asked or refused."""

    def __init__(self, user: str | None, password: str | None) -> None:
        self._user = user
        self._password = password
        self._tries = 0
        self._assumed = False
        self.awaiting = False
        self.state: str | None = None

    @property
    def locked(self) -> bool:
        """Nothing that we say would be taken for a command."""
        return self.state in ("asked", "refused") and not self._assumed

    def answer(self, prompt: str) -> str | None:
        """What to type at this prompt (`user` or `password`), or None: leave it alone."""
        self.failed()
        if self.state == "refused":
            return None
        self.state, self._assumed = "asked", False
        text = self._user if prompt == "user" else self._password
        self.awaiting = prompt == "password" and text is not None
        return text

    def failed(self) -> None:
        """The device refused the last password."""
        if self.awaiting:
            self.awaiting = self._assumed = False
            self._tries += 1
            if self._tries >= MAX_TRIES:
                self.state = "refused"

    def assume(self) -> None:
        """No new prompt came: speak as if we were in. Only an answer proves it and forgives the tries."""
        self._assumed = True

    def passed(self) -> None:
        """The device answered us."""
        self._tries, self.awaiting, self._assumed, self.state = 0, False, False, "ok"

    def again(self) -> None:
        """A new round of tries may begin."""
        self._tries, self.awaiting, self._assumed, self.state = 0, False, False, "asked"

    def forget(self) -> None:
        """The device is silent or the port was closed: whether it will ask again is not known."""
        self.again()
        self.state = None
