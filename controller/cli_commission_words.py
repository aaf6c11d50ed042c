"""How commissioning speaks on the phone's terminal: plain lines, one question at a time, numbers to choose."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from controller.commission.site import Site
from controller.commission.talk import Ask, Say
from controller.commission.wording import called
from controller.texts import text

Write = Callable[[str], object]


class Speech:
    """A driver.Desk. A terminal that is gone is no reason to stop: the panel can answer."""

    def __init__(self, site: Site, lang: str, write: Write) -> None:
        self._site, self._lang = site, lang
        self._write = write

    def ask(self, question: Ask, pointer: int) -> None:
        """The question, and how it may be answered; again with the other choice when TRỰC moved on."""
        if pointer == 0:
            self.line(text(question.code, self._lang, self._args(question.args)))
        if question.kind == "yes":
            self.line(text("commission.say.yes_no", self._lang))
        for n, choice in enumerate(question.choices):
            code = "commission.say.pointed" if n == pointer else "commission.say.choice"
            self.line(text(code, self._lang, (n + 1, called(choice, self._site, self._lang))))

    def say(self, said: Say) -> None:
        self.line(text(said.code, self._lang, self._args(said.args)))

    def line(self, words: str) -> None:
        with suppress(OSError, ValueError):
            self._write(words + "\n")

    def _args(self, args: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(called(row, self._site, self._lang) if isinstance(row, str) else row for row in args)
