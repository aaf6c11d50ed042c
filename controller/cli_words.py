"""How the command line speaks: in which language, with which exit codes, and how an error becomes one sentence.

No command lives here. argparse knows only English and ends with 2 for wrong usage; here it speaks both languages
and ends with 64, as sysexits.h has it.
"""

from __future__ import annotations

import argparse
import errno
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, NoReturn

from controller.texts import DEFAULT_LANGUAGE, LANGUAGES, ReadableError, text, verbatim
from controller.texts.foreign import system

if TYPE_CHECKING:
    from typing import TypeAlias

    Commands: TypeAlias = argparse._SubParsersAction["Parser"]

WRONG, USAGE, UNAVAILABLE, NOT_NOW, CONFIG = 1, 64, 69, 75, 78
"""Found something wrong; sysexits.h: EX_USAGE, EX_UNAVAILABLE, EX_TEMPFAIL, EX_CONFIG."""


def language(words: Sequence[str]) -> str | None:
    """The language that the command line asks for, before it is understood; None when it does not."""
    for n, word in enumerate(words):
        said = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        said = words[n + 1] if word == "--lang" and n + 1 < len(words) else said
        if said in LANGUAGES:
            return said
    return None


def complain(error: Exception, lang: str | None) -> int:
    """Say in one sentence what a person has to mend; the exit code that fits."""

    said = lang or DEFAULT_LANGUAGE
    sys.stderr.write(sentence(error, said) + "\n")
    return CONFIG if isinstance(error, ReadableError | OSError) else USAGE


def sentence(error: Exception, lang: str) -> str:
    """An error in words: ours from the catalogue, the system's by its number, any other as it is."""
    if isinstance(error, ReadableError):
        return error.text(lang)
    if isinstance(error, OSError):
        code = _ERRNO.get(error.errno or 0, "os.other")
        place = error.filename or error.strerror or str(error) or type(error).__name__
        return verbatim(code, lang, (place, system(error).text(lang)))
    return text("os.other", lang, (type(error).__name__, error))


@contextmanager
def quiet() -> Iterator[None]:
    """For a command that says itself, in words, what drivers write into the service's log in English."""
    loggers = [logging.getLogger(name) for name in ("hardware", "controller.runtime.devices")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


_ERRNO = {
    errno.ENOENT: "os.absent",
    errno.ENODEV: "os.absent",
    errno.EACCES: "os.denied",
    errno.EPERM: "os.denied",
    errno.EEXIST: "os.exists",
    errno.ENOSPC: "os.full",
    errno.EROFS: "os.readonly",
    errno.EBUSY: "os.in_use",
    errno.EAGAIN: "os.in_use",
    errno.EADDRINUSE: "os.in_use",
}

_BAD = (
    (r"the following arguments are required: (.+)", "cli.bad.required"),
    (r"unrecognized arguments: (.+)", "cli.bad.unknown"),
    (r"argument (\S+): invalid choice: '?(.+?)'? \(choose from (.+)\)", "cli.bad.choice"),
    (r"argument (.+): invalid .+ value: '(.*)'", "cli.bad.value"),
    (r"argument (.+): (\d+…\d+)", "cli.bad.range"),
    (r"argument (.+): expected .+", "cli.bad.missing_value"),
    (r"(.*)", "cli.bad.other"),
)
"""What argparse says of a wrong call, and the catalogue's sentence for it."""


class _Form(argparse.RawDescriptionHelpFormatter):
    """argparse's own form of the help, with our word for `usage: ` and its width."""

    lang: ClassVar[str] = DEFAULT_LANGUAGE

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, text("cli.usage", self.lang) if prefix is None else prefix)


class _EnglishForm(_Form):
    lang = "en"


class Parser(argparse.ArgumentParser):
    """argparse in one of our languages; parsers of commands are of the same class and so of the same language."""

    lang: ClassVar[str] = DEFAULT_LANGUAGE

    def __init__(self, **options: object) -> None:
        options |= {"add_help": False, "formatter_class": _EnglishForm if self.lang == "en" else _Form}
        super().__init__(**options)  # type: ignore[arg-type]
        self._positionals.title = text("cli.arguments", self.lang)
        self._optionals.title = text("cli.options", self.lang)
        self.add_argument("-h", "--help", action="help", help=text("cli.opt.help", self.lang))

    def format_help(self) -> str:
        if self._subparsers is not None:
            self._positionals.title = text("cli.commands", self.lang)
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """One sentence, and 64."""
        self.exit(USAGE, bad_call(message, self.lang, self.prog) + "\n")


class English(Parser):
    """The same in English."""

    lang = "en"


def group(commands: Commands, name: str, lang: str) -> Commands:
    """A command that has commands of its own: where they are added."""
    found = commands.add_parser(name, help=text(f"cli.{name}", lang), description=text(f"cli.{name}", lang))
    return found.add_subparsers(required=True, metavar=text("cli.command", lang), dest="what")


def bad_call(message: str, lang: str, command: str = "diemcau") -> str:
    """What argparse found wrong with a call of `command`, in `lang`."""
    for pattern, code in _BAD:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match and code == "cli.bad.choice":
            return no_such(match[1], match[2], [word.strip("'") for word in match[3].split(", ")], lang)
        if match:
            return text(code, lang, {str(n): said for n, said in enumerate(match.groups())} | {"command": command})
    return message


def no_such(name: str, given: str, allowed: Sequence[str], lang: str) -> str:
    """`name` cannot be `given`: what was perhaps meant, and all that it can be."""
    near = get_close_matches(given, allowed, n=1)
    code = "cli.bad.choice_near" if near else "cli.bad.choice"
    return verbatim(code, lang, (name, given, ", ".join(allowed), *near))
