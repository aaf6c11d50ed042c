"""The far end of the Megatec protocol by hand: its answers, its time on the line, its actions, its memory."""

import pytest

from hardware.sim.megatec import MegatecModel, MegatecUps
from hardware.sim.ups import SimUps, UpsSpec


def say(unit: MegatecUps, command: str, now_ms: int = 0) -> bytes:
    """The whole answer to one command, however long it takes on the line."""
    unit.feed(command.encode() + b"\r", now_ms)
    unit.tick(now_ms + 2_000)
    return unit.take()[0]


def output(unit: MegatecUps, now_ms: int) -> bool:
    unit.tick(now_ms)
    return unit.ups.output


def in_test(unit: MegatecUps, now_ms: int) -> bool:
    unit.tick(now_ms)
    return unit.ups.testing


def test_the_columns() -> None:
    answer = say(MegatecUps(), "Q1")
    assert answer == b"(230.0 195.0 230.0 020 50.0 27.4 25.0 00001001\r"
    assert len(answer) == 47
    assert say(MegatecUps(), "F") == b"#220.0 005 024.0 50.0\r"
    assert len(say(MegatecUps(), "I")) == 39


def test_an_answer_takes_its_time() -> None:
    unit = MegatecUps()
    unit.feed(b"Q1\r", 1_000)
    unit.tick(1_150)
    assert unit.take()[0] == b""
    assert 1_190 <= unit.wake_ms <= 1_210
    unit.tick(unit.wake_ms)
    assert len(unit.take()[0]) == 47


@pytest.mark.parametrize("word", ["M", "QGS", "QPI", "ID", "QS", "QI", "S", "T0", "S11R0003", "S.1", "SxxR0003"])
def test_what_it_does_not_know_is_not_answered_or_comes_back(word: str) -> None:
    unit = MegatecUps()
    assert say(unit, word) == b""
    unit.faults.echo = True
    assert say(unit, word) == word.encode() + b"\r"
    assert not unit.ups.cutting
    assert not unit.ups.testing


def test_it_reckons_where_the_model_does() -> None:
    assert len(say(MegatecUps(model=MegatecModel(reckons=True)), "QI")) == 49


@pytest.mark.parametrize(("word", "after_ms"), [("S.5R0003", 30_000), ("S.2", 12_000), ("S01R0001", 60_000)])
def test_it_cuts_after_its_delay(word: str, after_ms: int) -> None:
    unit = MegatecUps()
    unit.ups.mains(False, 0)
    say(unit, word)
    assert output(unit, after_ms - 1)
    assert not output(unit, after_ms)
    unit.ups.mains(True, after_ms + 1_000)
    assert output(unit, after_ms + 60_000)


@pytest.mark.parametrize(("word", "early"), [("S.5R0000", False), ("S.5R0002", True)])
def test_it_stays_off_when_told_so_or_by_its_old_firmware(word: str, early: bool) -> None:
    unit = MegatecUps()
    unit.faults.early_firmware = early
    unit.ups.mains(False, 0)
    say(unit, word)
    unit.tick(40_000)
    unit.ups.mains(True, 50_000)
    assert not output(unit, 3_600_000)
    say(unit, "C", 3_600_000)
    assert output(unit, 3_601_000)


def test_a_dead_one_is_silent_and_awakes_with_the_mains() -> None:
    unit = MegatecUps(SimUps(UpsSpec(capacity_wh=1.0)))
    unit.ups.mains(False, 0)
    unit.tick(600_000)
    assert say(unit, "Q1", 600_000) == b""
    unit.ups.mains(True, 700_000)
    assert say(unit, "Q1", 700_000)[38:40] == b"00"


@pytest.mark.parametrize(("word", "lasts_ms"), [("T", 10_000), ("T02", 120_000)])
def test_its_tests(word: str, lasts_ms: int) -> None:
    unit = MegatecUps()
    say(unit, word)
    assert in_test(unit, lasts_ms - 1)
    assert not in_test(unit, lasts_ms)
    say(unit, "TL", lasts_ms)
    assert in_test(unit, lasts_ms)
    say(unit, "CT", lasts_ms)
    assert not in_test(unit, lasts_ms)


def test_the_same_seed_makes_the_same_noise() -> None:
    heard = []
    for _ in range(2):
        unit = MegatecUps(seed=3)
        unit.faults.noise = 0.5
        heard.append([say(unit, "Q1", 10_000 * n) for n in range(20)])
    assert heard[0] == heard[1]
    assert len(set(heard[0])) > 3
