"""argparse in both languages. It knows only English and ends with 2 for wrong usage; here it speaks both and ends
with 64, as sysexits.h has it. No command lives here.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, NoReturn

from controller.cli_words import USAGE
from controller.texts import DEFAULT_LANGUAGE, text, verbatim

if TYPE_CHECKING:
    from typing import TypeAlias

    Commands: TypeAlias = argparse._SubParsersAction["Parser"]

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
