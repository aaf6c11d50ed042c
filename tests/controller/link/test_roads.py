"""Which broker, and when: the way to the backup and home, with chosen chances."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from controller.link.roads import BACKUP, MAIN, Roads
from controller.link.settings import Times
from hardware.contract import NEVER_MS

TIMES = Times()


def roads(*, backup: bool = True, chance: float = 0.5, now_ms: int = 1_000) -> Roads:
    return Roads(TIMES, backup, lambda: chance, now_ms)


def test_the_first_attempt_is_at_once_and_at_the_main_broker() -> None:
    assert roads().next() == (MAIN, 0)


def test_waiting_doubles_up_to_a_bound_for_ever() -> None:
    way, waits = roads(backup=False, chance=1.0), []
    for _ in range(100):
        way.failed(MAIN, "refused", 0)
        waits.append(way.next()[1])
    assert waits[:7] == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]
    assert set(waits[7:]) == {60_000}


@given(st.integers(0, 2**32))
def test_jitter_is_full(seed: int) -> None:
    way = Roads(TIMES, False, random.Random(seed).random, 0)
    for most in (1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000):
        way.failed(MAIN, "refused", 0)
        assert 0 <= way.next()[1] <= most


def test_a_reason_that_patience_does_not_cure_is_tried_slowly() -> None:
    way = roads(backup=False, chance=1.0)
    way.failed(MAIN, "files", 0)
    assert way.next() == (MAIN, 60_000)


def test_a_refused_login_is_tried_less_and_less_and_forgiven_once_it_is_taken() -> None:
    way, waits = roads(backup=False, chance=0.999), []
    for _ in range(7):
        way.failed(MAIN, "credentials", 0)
        waits.append(round(way.next()[1] / 60_000))
    assert waits == [1, 2, 4, 8, 15, 15, 15]
    way.up(MAIN, 0)
    way.down(0)
    way.failed(MAIN, "credentials", 0)
    assert way.next()[1] <= 60_000


@given(st.floats(0, 0.999))
def test_rooms_that_are_refused_do_not_come_back_in_step(chance: float) -> None:
    way = roads(backup=False, chance=chance)
    way.failed(MAIN, "credentials", 0)
    assert 30_000 <= way.next()[1] <= 60_000


def test_a_main_broker_that_refuses_is_not_hammered_beside_a_serving_backup() -> None:
    way = roads(chance=0.5)
    way.up(BACKUP, 0)
    for _ in range(8):
        way.failed(MAIN, "credentials", 0)
    assert way.next()[1] >= 8 * 60_000


def test_after_half_a_minute_without_main_the_backup_is_tried() -> None:
    way = roads(chance=1.0, now_ms=0)
    for now_ms in (0, 1_000, 3_000, 7_000, 15_000):
        assert way.next()[0] == MAIN
        way.failed(MAIN, "timeout", now_ms)
    assert way.next() == (BACKUP, 30_000)


def test_with_both_away_they_take_turns() -> None:
    way, tried = roads(chance=1.0, now_ms=0), []
    for _ in range(20):
        via, at_ms = way.next()
        tried.append(via)
        way.failed(via, "timeout", at_ms)
    assert {MAIN, BACKUP} == set(tried[-4:])


def test_without_a_backup_main_is_tried_for_ever() -> None:
    way = roads(backup=False, now_ms=0)
    for now_ms in range(0, 600_000, 60_000):
        way.failed(MAIN, "timeout", now_ms)
        assert way.next()[0] == MAIN


def test_connected_to_main_there_is_nothing_to_try() -> None:
    way = roads()
    way.up(MAIN, 2_000)
    assert way.next() == (MAIN, NEVER_MS)


def test_on_the_backup_main_is_tried_every_five_minutes_more_or_less() -> None:
    for chance, after_ms in ((0.0, 240_000), (0.5, 300_000), (1.0, 360_000)):
        way = roads(chance=chance)
        way.up(BACKUP, 50_000)
        assert way.next() == (MAIN, 50_000 + after_ms)
        way.failed(MAIN, "timeout", 400_000)
        assert way.next() == (MAIN, 400_000 + after_ms)


def test_home_again_the_backup_waits_its_half_minute_again() -> None:
    way = roads(chance=1.0, now_ms=0)
    way.up(BACKUP, 40_000)
    way.up(MAIN, 340_000)
    way.down(500_000)
    assert way.next() == (MAIN, 501_000)
    way.failed(MAIN, "timeout", 520_000)
    way.failed(MAIN, "timeout", 529_000)
    assert way.next() == (BACKUP, 530_000)


def test_a_lost_backup_is_not_waited_for() -> None:
    way = roads(chance=1.0, now_ms=0)
    way.up(BACKUP, 40_000)
    way.down(200_000)
    via, at_ms = way.next()
    assert (via, at_ms) == (MAIN, 201_000)


def test_a_main_broker_that_accepts_and_drops_does_not_keep_the_backup_away() -> None:
    way, tried = roads(chance=1.0, now_ms=0), []
    for now_ms in range(0, 60_000, 2_000):
        via, at_ms = way.next()
        if at_ms <= now_ms:
            tried.append(via)
            way.up(via, now_ms)
            way.down(now_ms + 500)
    assert BACKUP in tried


def test_only_a_connection_that_lived_resets_the_waiting() -> None:
    way = roads(backup=False, chance=1.0)
    for _ in range(4):
        way.failed(MAIN, "refused", 0)
    way.up(MAIN, 10_000)
    way.down(11_000)
    assert way.next()[1] == 11_000 + 16_000
    way.up(MAIN, 30_000)
    way.down(90_000)
    assert way.next()[1] == 91_000
