"""`diemcau …`: one command a line of the table; each imports what it needs when it is called, so that `status`
on a Pi starts in a fraction of a second. Exit codes: 0 good, 1 something is wrong, 64 usage, 78 configuration.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

CONFIG = Path("/etc/diemcau/room.toml")
USAGE = 64


def main(argv: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit code; errors that a reader can mend are one sentence, not a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["demo"]:
        from controller.demo.run import main as demo

        return demo(words[1:])
    options = _parser().parse_args(words)
    act: Callable[[argparse.Namespace], int] = options.act
    try:
        return act(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `diemcau … | head` is no error
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="diemcau", description="Firmware of a video-conference room (điểm cầu)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = _command(commands, "run", _run, "run the room: the service's main program")
    run.add_argument("--mock", type=Path, metavar="SOCKET", help="input pins from a socket instead of GPIO (demo)")
    run.add_argument("--root", type=Path, default=Path("/"), help="root of /sys and of the clock's files (demo)")
    _command(commands, "demo", _run, "a room on this machine: real broker, real UPS daemon, simulated devices")
    _simulation(commands)
    sim = commands.add_parser("sim", help="start one simulated device on a pty")
    sim.add_argument("kind", help="camera, codec or ups")
    sim.add_argument("--link", required=True, help="path that links to the pty; HOST:PORT for ups")
    sim.add_argument("--seed", type=int, default=0)
    sim.add_argument("--fault", action="append", default=[], metavar="NAME[=VALUE]")
    sim.set_defaults(act=_sim)
    _config(commands)
    check = _command(commands, "check", _check, "open every configured device and ask who it is")
    check.add_argument("--wait", type=float, default=20.0, metavar="S", help="how long a device may take")
    evidence = commands.add_parser("evidence", help="check the evidence chain")
    verify = evidence.add_subparsers(required=True, metavar="COMMAND").add_parser("verify")
    verify.add_argument("file", type=Path, help="journal.db, or a journal as JSON lines")
    verify.add_argument("--lang", choices=("vi", "en"), default="vi")
    verify.set_defaults(act=_verify)
    _command(commands, "status", _status, "what the room does now")
    why = _command(commands, "why", _why, "why a load is as it is, since when, by which rule")
    why.add_argument("target", help="a load (codec) or a target (codec.mute)")
    return parser


if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]


def _command(
    commands: Commands, name: str, act: Callable[[argparse.Namespace], int], about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about)
    parser.add_argument("--config", type=Path, action="append", metavar="FILE", help=f"room.toml ({CONFIG})")
    parser.add_argument("--lang", choices=("vi", "en"), help="language, else the room's")
    parser.set_defaults(act=act)
    return parser


def _simulation(commands: Commands) -> None:
    simulate = commands.add_parser("simulate", help="simulate days of a room and check every law")
    simulate.add_argument("--days", type=int, default=365)
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--faults", default="all", help="all, none, or names with commas")
    simulate.add_argument("--json", type=Path, metavar="FILE", help="figures as JSON, - for the terminal")
    simulate.add_argument("--journal", type=Path, metavar="FILE", help="write the journal as JSON lines")
    simulate.add_argument("--law", choices=("wakes", "fast", "restart"), help="compare with a second run")
    simulate.set_defaults(act=_simulate)
    replay = commands.add_parser("replay", help="reproduce a simulation's journal, or tell a room's in words")
    replay.add_argument("file", type=Path)
    replay.add_argument("--lang", choices=("vi", "en"), default="vi")
    replay.set_defaults(act=_replay)


def _config(commands: Commands) -> None:
    config = commands.add_parser("config", help="check, schema, example, keeper")
    kinds = config.add_subparsers(required=True, metavar="COMMAND")
    for name, about in _CONFIG.items():
        kind = kinds.add_parser(name, help=about)
        kind.add_argument("--lang", choices=("vi", "en"), default="vi")
        kind.set_defaults(act=_config_command, what=name)
        if name in ("check", "keeper"):
            kind.add_argument("files", type=Path, nargs="*", default=[CONFIG])


_CONFIG = {
    "check": "read room.toml and say what is wrong or doubtful",
    "schema": "all keys, as JSON schema",
    "example": "a complete room.toml with comments",
    "keeper": "the relay keeper's file of this room",
}


def _run(options: argparse.Namespace) -> int:
    from controller.cli_run import run

    return run(options.config or [CONFIG], options.mock, options.root)


def _check(options: argparse.Namespace) -> int:
    from controller.cli_check import check

    return check(options.config or [CONFIG], options.lang, options.wait)


def _config_command(options: argparse.Namespace) -> int:
    from controller.cli_config import config_command

    return config_command(options.what, getattr(options, "files", []), options.lang)


def _verify(options: argparse.Namespace) -> int:
    from controller.cli_show import verify

    return verify(options.file, options.lang)


def _status(options: argparse.Namespace) -> int:
    from controller.cli_show import status

    return status(options.config or [CONFIG], options.lang)


def _why(options: argparse.Namespace) -> int:
    from controller.cli_show import why

    return why(options.config or [CONFIG], options.target, options.lang)


def _simulate(options: argparse.Namespace) -> int:
    from controller.simulation.cli import run_simulate

    return run_simulate(options)


def _replay(options: argparse.Namespace) -> int:
    from controller.simulation.cli import run_replay

    return run_replay(options)


def _sim(options: argparse.Namespace) -> int:
    from controller.cli_run import sim

    return sim(options.kind, options.link, options.seed, options.fault)


if __name__ == "__main__":
    sys.exit(main())
