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
"""How often the prompt is looked at; the first time a new round of tries is begun, then after twice as many looks
each time: an operator changes a password within a day, not within a second, and locks lengthen."""
MOST_LOOKS: Final = 36
"""Six hours between two rounds at most."""
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
        self._rounds = self._looks = 0
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
        if self.state == "refused" or self._looks:
            self.state = "refused"
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
                self._looks = min(MOST_LOOKS, 1 << self._rounds)
                self._rounds = min(self._rounds + 1, MOST_LOOKS)

    def assume(self) -> None:
        """No new prompt came: speak as if we were in. Only an answer proves it and forgives the tries."""
        self._assumed = True

    def passed(self) -> None:
        """The device answered us."""
        self._tries, self.awaiting, self._assumed, self.state = 0, False, False, "ok"
        self._rounds = self._looks = 0

    def again(self) -> None:
        """The prompt is looked at; a new round of tries may begin when there were enough looks."""
        self._looks = max(0, self._looks - 1)
        if not self._looks:
            self._tries, self.awaiting, self._assumed, self.state = 0, False, False, "asked"

    def forget(self) -> None:
        """The device is silent or the port was closed: whether it will ask again is not known. A refusal is
        remembered: a loose plug is no reason to try again."""
        self._tries, self.awaiting, self._assumed, self.state = 0, False, False, None
