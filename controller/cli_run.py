"""`diemcau run` and `diemcau sim`: programs that live until they are told to stop."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from controller import plan_kept
from controller.cli_words import CONFIG, NOT_NOW, USAGE, complain, sentence
from controller.texts import catalogue, said, verbatim
from controller.texts.foreign import named

if TYPE_CHECKING:
    from gpiozero import Factory

    from controller.plan import Plan
    from hardware.expander import Expanders


def run(files: Sequence[Path], mock: Path | None, root: Path, lang: str | None = None) -> int:
    """Run the room until SIGTERM. 78: the configuration is wrong, 75: another process rules this room; nothing was
    opened or switched."""
    chips = _expanders if mock is None else None
    return live(files, lambda plan: _factory(plan, mock), root, lang, chips)


def live(
    files: Sequence[Path],
    pins: Callable[[Plan], Factory],
    root: Path,
    lang: str | None = None,
    chips: Callable[[], Expanders] | None = None,
) -> int:
    """As `run`; `pins` opens the input pins, if the room has any, `chips` the expanders."""
    gc.disable()  # until everything is there: a start only makes what stays
    catalogue.cache_clear()  # the command line's help is said; its 3,000 sentences need not live on
    kept = plan_kept.find(plan_kept.folder(os.environ), files)
    read = None if kept is not None else _begin_reading(files, lang)
    from controller.runtime.clock import Sources
    from controller.runtime.station import Setting, Station

    plan = _plan(*read) if read is not None else kept
    if plan is None or isinstance(plan, int):
        return CONFIG
    if not _alone(plan):
        return NOT_NOW
    setting = Setting(os.environ, os.getpid(), lambda: pins(plan), root / "sys", Sources(root=root), chips)
    try:
        station = Station(plan, setting)  # loads the drivers that this room has
    except OSError as error:
        return complain(error, lang or plan.language)
    gc.enable()
    gc.freeze()  # what is there stays: later collections need not look at it
    return station.run()


def _begin_reading(files: Sequence[Path], lang: str | None) -> tuple[int, int, int]:
    """Another process reads and checks the configuration while this one imports what it will run: (its id, the
    end of the pipe that its plan comes through, the end of the pipe that it lives by)."""
    ours, its = os.pipe()
    lives, line = os.pipe()
    words = [sys.executable, "-m", "controller.plan_make", lang or "-", *map(str, files)]
    actions = [(os.POSIX_SPAWN_DUP2, lives, 0), (os.POSIX_SPAWN_DUP2, its, 1)]
    pid = os.posix_spawn(sys.executable, words, os.environ, file_actions=actions)
    os.close(its)
    os.close(lives)
    return pid, ours, line


def _plan(pid: int, pipe: int, line: int) -> Plan | int:
    """What it found, or the exit code after saying why there is nothing."""
    with open(pipe, "rb") as file:
        data = file.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(line)
    if code == 0:
        plan: Plan = pickle.loads(data)
        return plan
    sys.stderr.write(data.decode("utf-8", "replace"))
    return CONFIG


def _alone(plan: Plan) -> bool:
    """Take the room's lock for the rest of this life; False after saying who has it. A room without a lock is ruled
    all the same."""
    from controller.runtime.alone import Ruled, rule_alone

    try:
        rule_alone(plan.paths.run_dir)
    except Ruled as error:
        _tell(str(error))
        return False
    except OSError as error:
        _tell(f"run.no_lock: {said(plan.sayings, 'run.no_lock', plan.language, (named(error),))}")
    return True


def _tell(words: str) -> None:
    """A log that cannot be written is no reason to stop."""
    with suppress(OSError):
        sys.stderr.write(words + "\n")


def _expanders() -> Expanders:
    from hardware.expander import Expanders

    return Expanders()


def _factory(plan: Plan, mock: Path | None) -> Factory:
    if mock is None:
        from hardware.panel import lgpio_factory

        return lgpio_factory()
    from controller.demo.mock_pins import factory

    return factory(mock, plan.inputs)


def sim(kind: str, link: str, seed: int, faults: Sequence[str], lang: str) -> int:
    """Run one far end until SIGTERM or Ctrl-C."""
    from hardware.sim.serve import KINDS, NotServed, serve

    if kind not in KINDS:
        from controller.cli_parser import no_such

        sys.stderr.write(no_such("kind", kind, KINDS, lang) + "\n")
        return USAGE
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        serve(kind, link, seed=seed, faults=faults, stop=stop)
    except OSError as error:
        sys.stderr.write(sentence(OSError(error.errno, error.strerror, link), lang) + "\n")
        return USAGE
    except NotServed as error:
        sys.stderr.write(verbatim(error.code, lang, error.told) + "\n")
        return USAGE
    return 0
