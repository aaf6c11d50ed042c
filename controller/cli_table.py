"""`diemcau …`: one command a line of the table; each imports what it needs when it is called, so that `status`
on a Pi starts in a fraction of a second.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from controller import cli_identity, cli_release
from controller.cli import CONFIG, files, run
from controller.cli_parser import English, Parser, group
from controller.cli_words import CONFIG as CONFIG_CODE
from controller.texts import DEFAULT_LANGUAGE, LANGUAGES, text

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[Parser]

Act: TypeAlias = Callable[[argparse.Namespace], int]


def parser(asked: str | None = None) -> Parser:
    """Every command and option, explained in the language asked for, else in Vietnamese."""
    lang = asked or DEFAULT_LANGUAGE
    kind = English if lang == "en" else Parser
    top = kind(prog="diemcau", description=text("cli.about", lang), epilog=text("cli.exits", lang))
    top.add_argument("--lang", choices=LANGUAGES, help=text("cli.opt.lang", lang))
    commands = top.add_subparsers(required=True, metavar=text("cli.command", lang), dest="command")
    room = _in_room(commands, "run", run, asked)
    _option(room, "--mock", lang, type=Path, metavar="SOCKET")
    _option(room, "--root", lang, type=Path, default=Path("/"), metavar="DIR")
    _in_room(commands, "demo", run, asked)
    _simulation(commands, lang)
    _sim_command(commands, lang)
    _config(commands, asked)
    _option(_in_room(commands, "check", _check, asked), "--wait", lang, type=float, default=20.0, metavar="S")
    kinds = group(commands, "evidence", lang)
    verify = _plain(kinds, "verify", _verify, lang, "cli.evidence.verify")
    verify.add_argument("file", type=Path, help=text("cli.opt.file", lang))
    _in_room(commands, "status", _status, asked)
    _in_room(commands, "why", _why, asked).add_argument("target", help=text("cli.opt.target", lang))
    _seats_command(commands, asked)
    _poster(commands, asked)
    _centre_command(commands, asked)
    cli_release.register(commands, lang)
    cli_identity.register(commands, lang)
    commission = _in_room(commands, "commission", _commission, asked)
    _option(commission, "--step", lang, type=int, choices=range(1, 15), default=0, metavar="N")
    _option(commission, "--discover", lang, type=Path, metavar="FILE")
    return top


def _plain(commands: Commands, name: str, act: Act, lang: str, about: str = "") -> Parser:
    """A command that needs no room."""
    said = text(about or f"cli.{name}", lang)
    found = commands.add_parser(name, help=said, description=said)
    found.add_argument("--lang", choices=LANGUAGES, default=lang, help=text("cli.opt.lang", lang))
    found.set_defaults(act=act)
    return found


def _in_room(commands: Commands, name: str, act: Act, asked: str | None) -> Parser:
    """A command about the room of a room.toml; it speaks the room's language when none is asked for."""
    lang = asked or DEFAULT_LANGUAGE
    found = _plain(commands, name, act, lang)
    found.set_defaults(lang=asked)
    about = text("cli.opt.config", lang, (CONFIG,))
    found.add_argument("--config", type=Path, action="append", metavar="FILE", help=about)
    return found


def _option(found: Parser, name: str, lang: str, **options: object) -> None:
    found.add_argument(name, help=text(f"cli.opt.{name.lstrip('-')}", lang), **options)  # type: ignore[arg-type]


def _simulation(commands: Commands, lang: str) -> None:
    simulate = _plain(commands, "simulate", _simulate, lang)
    _option(simulate, "--days", lang, type=int, default=365)
    _option(simulate, "--seed", lang, type=int, default=1)
    _option(simulate, "--faults", lang, default="all")
    _option(simulate, "--codec", lang, choices=("polycom", "cisco", "pc"))
    _option(simulate, "--json", lang, type=Path, metavar="FILE")
    _option(simulate, "--journal", lang, type=Path, metavar="FILE")
    _option(simulate, "--law", lang, choices=("wakes", "fast", "restart"))
    _option(_plain(commands, "replay", _replay, lang), "file", lang, type=Path)
    explain = _plain(commands, "explain", _explain, lang)
    _option(explain, "--at", lang, required=True, metavar="TIME")
    _option(explain, "file", lang, type=Path)


def _sim_command(commands: Commands, lang: str) -> None:
    sim = _plain(commands, "sim", _sim, lang)
    _option(sim, "kind", lang)
    _option(sim, "--link", lang, required=True)
    _option(sim, "--seed", lang, type=int, default=0)
    _option(sim, "--fault", lang, action="append", default=[], metavar="NAME[=VALUE]")


def _config(commands: Commands, asked: str | None) -> None:
    lang = asked or DEFAULT_LANGUAGE
    kinds = group(commands, "config", lang)
    for name in ("check", "schema", "example", "keeper"):
        kind = _plain(kinds, name, _config_command, lang, f"cli.config.{name}")
        if name in ("check", "keeper"):
            kind.set_defaults(lang=asked)
            _option(kind, "files", lang, type=Path, nargs="*", default=[CONFIG])


def _seats_command(commands: Commands, asked: str | None) -> None:
    lang = asked or DEFAULT_LANGUAGE
    seats = _in_room(commands, "seats", _seats, asked)
    seats.add_argument("what", nargs="?", choices=("show", "set", "confirm"), help=text("cli.opt.seats", lang))
    seats.add_argument("name", nargs="?", help=text("cli.opt.seat", lang))


def _poster(commands: Commands, asked: str | None) -> None:
    lang = asked or DEFAULT_LANGUAGE
    poster = _plain(commands, "poster", _print_poster, lang)
    poster.set_defaults(lang=asked)
    _option(poster, "room", lang, type=Path, nargs="?", default=CONFIG)
    _option(poster, "--size", lang, choices=("A3", "A4"), default="A4")
    _option(poster, "--out", lang, type=Path, default=Path("poster.pdf"), metavar="FILE")


def _centre_command(commands: Commands, asked: str | None) -> None:
    lang = asked or DEFAULT_LANGUAGE
    kinds = group(commands, "centre", lang)
    found = {}
    for name in (
        "run",
        "recorder",
        "web",
        "user",
        "room",
        "link",
        "requests",
        "answers",
        "notify",
        "copy",
        "retire",
    ):
        found[name] = _plain(kinds, name, _centre, lang, f"cli.centre.{name}")
        _option(found[name], "--centre", lang, type=Path, metavar="FILE")
    _option(found["user"], "login", lang)
    roles = ("admin", "operator", "office", "viewer")
    _option(found["user"], "--role", lang, choices=roles, default="operator")
    _option(found["user"], "--person", lang, default="")
    _option(found["user"], "--unit", lang, default="")
    _option(found["room"], "slug", lang, nargs="?", default="")
    _option(found["room"], "--title", lang, default="")
    _option(found["room"], "--sites", lang, type=Path, metavar="CSV")
    for name in ("requests", "answers", "copy"):
        found[name].add_argument("file", type=Path, help=text(f"cli.opt.centre_{name}", lang))
    _option(found["requests"], "--within", lang, type=int, default=400, metavar="DAYS")
    _option(found["link"], "slug", lang)
    _option(found["retire"], "slug", lang)
    _option(found["link"], "--valid", lang, type=int, default=365, metavar="DAYS")


def _check(options: argparse.Namespace) -> int:
    from controller.cli_check import check

    return check(files(options), options.lang, options.wait)


def _config_command(options: argparse.Namespace) -> int:
    from controller.cli_config import config_command

    return config_command(options.what, getattr(options, "files", []), options.lang)


def _verify(options: argparse.Namespace) -> int:
    from controller.cli_evidence import verify

    return verify(options.file, options.lang)


def _status(options: argparse.Namespace) -> int:
    from controller.cli_show import status

    return status(files(options), options.lang)


def _why(options: argparse.Namespace) -> int:
    from controller.cli_show import why

    return why(files(options), options.target, options.lang)


def _seats(options: argparse.Namespace) -> int:
    from controller.cli_seats import seats

    return seats(files(options), options.what, options.name, options.lang)


def _print_poster(options: argparse.Namespace) -> int:
    from controller.cli_poster import run_poster

    return run_poster(options.room, options.out, options.size, options.lang)


def _centre(options: argparse.Namespace) -> int:
    try:
        from controller.dashboard.cli import centre
    except ModuleNotFoundError as error:
        sys.stderr.write(text("centre.extra", options.lang, (error.name,)) + "\n")
        return CONFIG_CODE
    return centre(options)


def _commission(options: argparse.Namespace) -> int:
    if options.discover is not None:
        from controller.cli_commission_discover import Around, discover

        return discover(options.discover, options.lang, Around())
    from controller.cli_commission import commission

    return commission(files(options), options.lang, options.step)


def _simulate(options: argparse.Namespace) -> int:
    from controller.simulation.cli import run_simulate

    return run_simulate(options)


def _replay(options: argparse.Namespace) -> int:
    from controller.simulation.cli import run_replay

    return run_replay(options)


def _explain(options: argparse.Namespace) -> int:
    from controller.simulation.cli_explain import run_explain

    return run_explain(options)


def _sim(options: argparse.Namespace) -> int:
    from controller.cli_run import sim

    return sim(options.kind, options.link, options.seed, options.fault, options.lang)
