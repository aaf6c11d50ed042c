"""Which years `make test` lives: enough of them, each a whole one, and every kind of room among them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from controller.simulation.bench import UPS_KINDS
from controller.simulation.room import codec_by

ROOT = Path(__file__).parents[2]


def made(variable: str) -> list[str]:
    """What make takes the variable for, whatever it was called with out here."""
    asked = ["make", "--silent", f"--eval=asked: ; @echo $({variable})", "asked"]
    env = {"PATH": os.environ["PATH"]}
    return subprocess.run(asked, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout.split()


def test_make_test_lives_twenty_whole_years_of_every_kind_of_room() -> None:
    years = [year.partition(":") for year in made("SIMULATIONS")]
    seeds = {int(seed) for seed, _, faults in years if faults == "all"}
    assert made("DAYS") == ["365"]
    assert len(years) == len(set(years)) >= 20
    assert {faults for _, _, faults in years} == {"all", "none"}
    assert {codec_by(seed) for seed in seeds} == {"cisco", "polycom", "pc"}
    assert {UPS_KINDS[seed % len(UPS_KINDS)] for seed in seeds} == set(UPS_KINDS)
