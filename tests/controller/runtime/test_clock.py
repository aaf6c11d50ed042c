"""N3: how far the wall clock may be believed, and that a jump is noticed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.events import Stepped
from controller.core.instant import Instant, Trust
from controller.runtime.clock import (
    BUILT_MS,
    LOOK_EVERY_MS,
    STEP_MS,
    Clock,
    Sources,
    SteppedWatch,
    boot_id,
    kernel_disciplined,
)

WALL_MS = BUILT_MS + 86_400_000


@dataclass
class Machine:
    """A Pi whose clocks and files are set by hand."""

    root: Path
    mono_ms: int = 5_000
    wall_ms: int = WALL_MS
    disciplined: bool = False

    def sources(self) -> Sources:
        return Sources(
            self.root,
            lambda: self.mono_ms * 1_000_000,
            lambda: self.wall_ms * 1_000_000,
            lambda: self.disciplined,
        )

    def put(self, name: str, text: str = "", changed_ms: int = 0) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if changed_ms:
            os.utime(path, ns=(changed_ms * 1_000_000, changed_ms * 1_000_000))
        return path


@pytest.fixture
def pi(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def trust(pi: Machine) -> Trust:
    return Clock(pi.sources()).now().trust


RTC = "sys/class/rtc/rtc0/since_epoch"
SAVED = "var/lib/systemd/timesync/clock"


def test_nothing_known_is_unknown(pi: Machine) -> None:
    assert Clock(pi.sources()).now() == Instant(5_000, WALL_MS, Trust.UNKNOWN)


def test_synchronised_by_timesyncd_or_by_another_daemon(pi: Machine) -> None:
    pi.disciplined = True
    assert trust(pi) is Trust.NTP
    pi.disciplined = False
    pi.put("run/systemd/timesync/synchronized")
    assert trust(pi) is Trust.NTP


def test_a_time_before_this_program_existed_is_wrong_whoever_says_it(pi: Machine) -> None:
    pi.put("run/systemd/timesync/synchronized")
    pi.wall_ms = BUILT_MS - 1
    assert trust(pi) is Trust.UNKNOWN


@pytest.mark.parametrize(
    ("text", "trusted"),
    [
        (str(WALL_MS // 1000 + 59), Trust.RTC),
        (str(WALL_MS // 1000 + 61), Trust.UNKNOWN),
        (str(WALL_MS // 1000 - 61), Trust.UNKNOWN),
        ("97", Trust.UNKNOWN),
        ("", Trust.UNKNOWN),
        ("-5", Trust.UNKNOWN),
        ("năm", Trust.UNKNOWN),
    ],
)
def test_a_battery_clock_counts_when_it_agrees(pi: Machine, text: str, trusted: Trust) -> None:
    pi.put(RTC, text + "\n")
    assert trust(pi) is trusted


def test_an_rtc_that_lost_its_battery_agrees_with_a_wrong_clock_in_vain(pi: Machine) -> None:
    pi.put(RTC, "97")
    pi.wall_ms = 97_000
    assert trust(pi) is Trust.UNKNOWN


@pytest.mark.parametrize("name", [SAVED, "etc/fake-hwclock.data"])
def test_a_saved_time_is_a_lower_bound(pi: Machine, name: str) -> None:
    pi.put(name, changed_ms=WALL_MS - 1000)
    assert trust(pi) is Trust.HELD
    pi.put(name, changed_ms=WALL_MS + 60_000)
    assert trust(pi) is Trust.UNKNOWN


def test_the_journal_may_carry_the_time_over_too(pi: Machine) -> None:
    clock = Clock(pi.sources())
    clock.carried(WALL_MS - 5)
    assert clock.now().trust is Trust.HELD
    clock.carried(WALL_MS + 60_000)
    assert clock.now().trust is Trust.UNKNOWN
    clock.carried(3)
    assert clock.now().trust is Trust.UNKNOWN


def test_trust_is_looked_up_now_and_then(pi: Machine) -> None:
    clock = Clock(pi.sources())
    pi.disciplined = True
    pi.mono_ms += LOOK_EVERY_MS - 1
    assert clock.now().trust is Trust.UNKNOWN
    pi.mono_ms += 1
    assert clock.now().trust is Trust.NTP


def test_the_boot_has_an_id_and_without_one_every_start_is_a_boot(pi: Machine) -> None:
    assert Clock(pi.sources()).boot == f"start-{WALL_MS * 1_000_000}"
    pi.put("proc/sys/kernel/random/boot_id", "6f1c0c2e\n")
    assert Clock(pi.sources()).boot == "6f1c0c2e"
    assert boot_id() == boot_id()
    assert len(boot_id()) == 36


def test_the_real_clocks_go() -> None:
    clock = Clock()
    before, after = clock.now(), clock.now()
    assert 0 < before.mono_ms <= after.mono_ms
    assert before.wall_ms > 1_600_000_000_000
    assert kernel_disciplined() in (True, False)


def seen(offset_ms: int, mono_ms: int = 0, trust: Trust = Trust.NTP) -> Instant:
    return Instant(mono_ms, WALL_MS + mono_ms + offset_ms, trust)


def test_a_jump_is_told_once_and_by_how_much() -> None:
    watch = SteppedWatch(seen(0))
    assert watch.see(seen(STEP_MS, 10)) is None
    assert watch.see(seen(3_600_000, 20)) == Stepped(3_600_000)
    assert watch.see(seen(3_600_000, 30)) is None
    assert watch.see(seen(-5_000, 40)) == Stepped(-3_605_000)


def test_small_steps_add_up() -> None:
    watch = SteppedWatch(seen(0))
    assert watch.see(seen(1_500, 1)) is None
    assert watch.see(seen(3_000, 2)) == Stepped(3_000)


def test_new_trust_is_told_without_and_with_a_jump() -> None:
    watch = SteppedWatch(seen(0, trust=Trust.UNKNOWN))
    assert watch.see(seen(500, 5, Trust.NTP)) == Stepped(0)
    assert watch.see(seen(500, 6, Trust.NTP)) is None
    assert watch.see(seen(90_000, 7, Trust.HELD)) == Stepped(90_000)
    assert watch.see(seen(90_000, 8, Trust.HELD)) is None
