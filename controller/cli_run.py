"""`diemcau run` and `diemcau sim`: programs that live until they are told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from controller import config
from controller.cli_words import USAGE, complain, sentence
from controller.texts import text

if TYPE_CHECKING:
    from gpiozero import Factory

    from controller.config_model import RoomConfig


def run(files: Sequence[Path], mock: Path | None, root: Path, lang: str | None = None) -> int:
    """Run the room until SIGTERM. 78: the configuration is wrong, nothing was opened or switched."""
    return live(files, lambda cfg: _factory(cfg, mock), root, lang)


def live(files: Sequence[Path], pins: Callable[[RoomConfig], Factory], root: Path, lang: str | None = None) -> int:
    """As `run`; `pins` opens the input pins, if the room has any."""
    try:
        cfg = config.load(files)
    except config.ConfigError as error:
        return complain(error, lang)
    from controller.runtime.clock import Sources
    from controller.runtime.station import Setting, Station

    setting = Setting(os.environ, os.getpid(), lambda: pins(cfg), root / "sys", Sources(root=root))
    try:
        station = Station(cfg, setting)
    except OSError as error:
        return complain(error, lang or cfg.room.language)
    return station.run()


def _factory(cfg: RoomConfig, mock: Path | None) -> Factory:
    if mock is None:
        from hardware.panel import lgpio_factory

        return lgpio_factory()
    from controller.demo.mock_pins import factory

    return factory(mock, cfg)


def sim(kind: str, link: str, seed: int, faults: Sequence[str], lang: str) -> int:
    """Run one far end until SIGTERM or Ctrl-C."""
    from hardware.sim.serve import serve

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        serve(kind, link, seed=seed, faults=faults, stop=stop)
    except OSError as error:
        sys.stderr.write(sentence(error, lang) + "\n")
        return USAGE
    except ValueError as error:
        sys.stderr.write(text("sim.bad", lang, (error,)) + "\n")
        return USAGE
    return 0
