"""The command line's beginning: what a room's service calls is read here, every other command by its table
(cli_table), which is loaded only then: a room that runs for years carries no parser and no sentence of its help.
Exit codes are said by `--help` and kept in cli_words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeAlias

from controller.cli_words import language

if TYPE_CHECKING:
    from argparse import Namespace

    Options: TypeAlias = Namespace | SimpleNamespace
    Act: TypeAlias = Callable[[Options], int]

CONFIG = Path("/etc/diemcau/room.toml")


def main(argv: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit code; errors that a reader can mend are one sentence, not a traceback.
    Raises SystemExit with 64 for a call that cannot be understood, with 0 for help."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["demo"]:
        from controller.demo.run import main as demo

        return demo(words[1:])
    options = plain_run(words) or _parsed(words)
    act: Act = options.act
    try:
        code = act(options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `diemcau … | head` is no error
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def plain_run(words: Sequence[str]) -> SimpleNamespace | None:
    """The call of the unit, `run --config FILE …`, as the parser would read it; None = let the parser read it. It
    holds every sentence of the help: 3,000 are read for it, an eighth of a second of every start of a room."""
    names, files = words[1::2], words[2::2]
    plain = words[:1] == ["run"] and len(names) == len(files) and all(name == "--config" for name in names)
    if not plain or any(file.startswith("-") for file in files):
        return None
    found = [Path(file) for file in files] or None
    return SimpleNamespace(command="run", lang=None, config=found, mock=None, root=Path("/"), act=run)


def _parsed(words: Sequence[str]) -> Namespace:
    from controller.cli_table import parser

    return parser(language(words)).parse_args(words)


def run(options: Options) -> int:
    """`diemcau run`."""
    from controller.cli_run import run as run_room

    return run_room(files(options), options.mock, options.root, options.lang)


def files(options: Options) -> list[Path]:
    """The room's configuration that a command is about."""
    return options.config or [CONFIG]


if __name__ == "__main__":
    sys.exit(main())
