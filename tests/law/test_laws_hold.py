"""The laws hold in the corpus; those that need two lives hold between them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from controller.core.chain import line
from controller.simulation import twins
from tests.law.days import CORPUS, DAYS, TWINS, lived

ROOT = Path(__file__).parents[2]
corpus = pytest.mark.parametrize(("seed", "faulty"), TWINS)


@pytest.mark.parametrize(("seed", "faulty"), CORPUS)
def test_no_law_is_broken(seed: int, faulty: bool) -> None:
    report = lived(seed, faulty).report
    assert report.violations == []
    assert report.meetings == report.ready_on_time + report.late_explained > 0


@corpus
def test_extra_wakes_change_nothing(seed: int, faulty: bool) -> None:
    assert list(twins.wakes(lived(seed, faulty))) == []


@corpus
def test_the_fast_path_changes_nothing(seed: int, faulty: bool) -> None:
    assert list(twins.fast(lived(seed, faulty))) == []


@corpus
def test_a_restart_moves_no_relay(seed: int, faulty: bool) -> None:
    assert list(twins.restart(lived(seed, faulty), count=5)) == []


@pytest.mark.process
@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_seed_gives_the_same_journal_byte_for_byte(tmp_path: Path, hash_seed: str) -> None:
    """In another process, where sets and dictionaries of words are in another order."""
    seed, _ = CORPUS[0]
    written = tmp_path / "journal.jsonl"
    words = ["simulate", "--days", str(DAYS), "--seed", str(seed), "--journal", str(written)]
    start = "import sys; from controller.cli import main; sys.exit(main())"
    env = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", start, *words], cwd=ROOT, env=env, check=True, capture_output=True)
    head, *lines = written.read_text(encoding="utf-8").splitlines()
    assert f'"seed":{seed}' in head
    assert lines == [line(entry) for entry in lived(*CORPUS[0]).world.entries]


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", range(50, 62))
@pytest.mark.parametrize("faulty", [False, True])
def test_many_lives(seed: int, faulty: bool) -> None:
    run = lived(seed, faulty)
    assert run.report.violations == []
    for law in twins.LAWS.values():
        assert list(law(run)) == []
