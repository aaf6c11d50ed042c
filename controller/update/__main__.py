"""The updater's process: `diemcau-update.service`, or a person at the Pi with a stick.

    selector.py update -- [--from FOLDER_OR_URL]… [--force NAME]

0: nothing to do, or done; 75 (EX_TEMPFAIL): waits, a later run goes on; 1: failed or taken back.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from controller.texts import LANGUAGES, meetings, text
from controller.texts.foreign import named
from controller.update.client import DETAIL, Client
from controller.update.disk import Disk
from controller.update.fetch import Fetcher
from controller.update.gate import Times
from controller.update.kept import ROOM_TOML, STATE, Said
from controller.update.run import Run
from controller.update.system import Pi

CODES = {"idle": 0, "done": 0, "waiting": 75, "failed": 1, "back": 1}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="diemcau-update")
    parser.add_argument("--from", dest="sources", action="append", default=[], metavar="FOLDER|URL")
    parser.add_argument("--force", default="", metavar="NAME")
    parser.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    # Shorter than a room deserves: for tests of the whole, and for a bench.
    parser.add_argument("--times", type=float, nargs=3, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--lang", choices=LANGUAGES, default="vi")
    options = parser.parse_args(argv)
    in_the_rooms_group(options.root)
    system = Pi(options.root)
    # tuf spools a download in the folder for temporary files, which is memory on a Pi.
    tempfile.tempdir = str(options.root / STATE)
    times = Times(*options.times) if options.times else Times()
    run = Run(
        system, Disk(), lambda folder, root, given: Client(folder, root, given, Fetcher()), options.force, times
    )
    try:
        said = run.once([source(one) for one in options.sources])
    except OSError as error:
        said = Said("failed", "update.card", (named(error),))
    told = sentence(with_titles(said, system.view(), options.lang), options.lang)
    sys.stderr.write(f"{said.code}: {told}{detail(said)}\n")
    return CODES[said.stage]


def in_the_rooms_group(root: Path) -> None:
    """As the unit runs: by hand root makes files of its own group, which the room could not read."""
    with suppress(OSError):
        group = (root / ROOM_TOML).parent.stat().st_gid
        if group != os.getegid():
            os.setegid(group)


def source(given: str) -> str:
    """A folder as the URL that it is read by."""
    return given if "://" in given else Path(given).resolve().as_uri()


def with_titles(said: Said, view: Mapping[str, object] | None, lang: str) -> Said:
    """Meetings by title and time, for whoever stands here: what is told to the centre has the identity."""
    called = meetings.of_view(view, lang)
    return replace(said, args=tuple(called.get(str(one), one) for one in said.args))


def detail(said: Said) -> str:
    """A library's own words, for the technician who reads the log."""
    words = said.args[place : place + 1] if (place := DETAIL.get(said.code)) is not None else ()
    return "".join(f" [{one}]" for one in words if one)


def sentence(said: Said, lang: str) -> str:
    """What happened; a reason that is itself a code takes the arguments behind it."""
    for place, one in enumerate(said.args):
        if isinstance(one, str) and one.startswith("update."):
            return text(said.code, lang, (*said.args[:place], text(one, lang, said.args[place + 1 :])))
    return text(said.code, lang, said.args)


if __name__ == "__main__":
    sys.exit(main())
