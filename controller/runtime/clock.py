"""The only place where this program asks what time it is, and how far the answer may be believed (N3).

Lives here: `Clock` (now), `SteppedWatch` (did the wall clock move?), the boot's id. Must not live here: waiting,
threads, decisions. Sources: clock_gettime(2) CLOCK_BOOTTIME, adjtimex(2), the kernel's Documentation/ABI
testing/rtc-cdev and sysfs-class-rtc, systemd-timesyncd(8) for its two files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from controller.core.events import Stepped
from controller.core.instant import Instant, Trust

BUILT_MS = 1_767_225_600_000
"""2026-01-01T00:00Z. This program did not exist before: an earlier wall clock is wrong, whoever set it."""

LOOK_EVERY_MS = 10_000
"""How often trust is looked up. It changes a few times in a boot; a look costs one stat(2) once synchronised."""

RTC_NEAR_S = 60
"""An RTC that differs more from the wall clock did not set it: then neither is evidence for the other."""

STEP_MS = 2_000
"""More than NTP ever slews between two looks, less than any edge of a meeting."""

_SYNCHRONIZED = "run/systemd/timesync/synchronized"
_RTC = "sys/class/rtc/rtc0/since_epoch"
_SAVED = ("var/lib/systemd/timesync/clock", "etc/fake-hwclock.data")
_BOOT_ID = "proc/sys/kernel/random/boot_id"
_STA_UNSYNC = 0x40
_TIME_ERROR = 5


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the times come from; production takes the defaults, tests give a folder and numbers of their own."""

    root: Path = Path("/")
    mono_ns: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    wall_ns: Callable[[], int] = time.time_ns
    disciplined: Callable[[], bool] = lambda: kernel_disciplined()
    built_ms: int = BUILT_MS


class Clock:
    """`now()` is cheap and safe from any thread: it reads two clocks and a cached trust. The monotonic part counts
    suspended time too, so an age is an age."""

    def __init__(self, sources: Sources | None = None) -> None:
        self._sources = sources or Sources()
        self._trust = Trust.UNKNOWN
        self._look_ms = 0
        self._floor_ms = 0
        self.boot = boot_id(self._sources.root) or f"start-{self._sources.wall_ns()}"
        self.now()

    def now(self) -> Instant:
        mono_ms = self._sources.mono_ns() // 1_000_000
        wall_ms = self._sources.wall_ns() // 1_000_000
        if mono_ms >= self._look_ms:
            self._look_ms = mono_ms + LOOK_EVERY_MS
            self._trust = self._believed(wall_ms)
        return Instant(mono_ms, wall_ms, self._trust)

    def carried(self, wall_ms: int) -> None:
        """A time from our own disk (the journal's newest entry): true time is not before it."""
        self._floor_ms = max(self._floor_ms, wall_ms)
        self._look_ms = 0

    def _believed(self, wall_ms: int) -> Trust:
        if wall_ms < self._sources.built_ms:
            return Trust.UNKNOWN
        if (self._sources.root / _SYNCHRONIZED).exists() or self._sources.disciplined():
            return Trust.NTP
        if self._rtc_agrees(wall_ms):
            return Trust.RTC
        return Trust.HELD if self._held(wall_ms) else Trust.UNKNOWN

    def _rtc_agrees(self, wall_ms: int) -> bool:
        """A Pi without a battery at its RTC counts from 1970 or from the last power cut."""
        text = _read(self._sources.root / _RTC)
        if not text.isdigit():
            return False
        rtc_s = int(text)
        return rtc_s * 1000 >= self._sources.built_ms and abs(rtc_s - wall_ms // 1000) <= RTC_NEAR_S

    def _held(self, wall_ms: int) -> bool:
        """The system put the clock on from a file at boot: late by as long as the power was away."""
        floors = [self._floor_ms, *(_changed_ms(self._sources.root / name) for name in _SAVED)]
        return 0 < max(floors) <= wall_ms


class SteppedWatch:
    """Tells when the wall clock moved against the monotonic one, or when its trust changed."""

    def __init__(self, first: Instant) -> None:
        self._offset_ms = first.wall_ms - first.mono_ms
        self._trust = first.trust

    def see(self, now: Instant) -> Stepped | None:
        """`by_ms` is the move since the last step; 0 when only the trust changed."""
        by_ms = now.wall_ms - now.mono_ms - self._offset_ms
        moved = abs(by_ms) > STEP_MS
        if not moved and now.trust == self._trust:
            return None
        self._trust = now.trust
        if not moved:
            return Stepped(0)
        self._offset_ms += by_ms
        return Stepped(by_ms)


def boot_id(root: Path = Path("/")) -> str:
    """The kernel's id of this boot; empty when it cannot be read: `Clock` then takes each start for a new boot."""
    return _read(root / _BOOT_ID)


def kernel_disciplined() -> bool:
    """Does the kernel say that something (chrony, ntpd) keeps its clock right? False when it cannot be asked."""
    import ctypes  # only on systems without timesyncd's file: its import costs start time on every Pi else

    # struct timex: modes, padding to 8, then offset, freq, maxerror, esterror (longs), then int status; the
    # kernel writes some 200 bytes. Read-only: modes = 0.
    buffer = (ctypes.c_long * 64)()
    libc = ctypes.CDLL(None)
    state = libc.adjtimex(ctypes.byref(buffer))
    status = int(buffer[5]) & 0xFFFF
    return 0 <= state < _TIME_ERROR and not status & _STA_UNSYNC


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _changed_ms(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return 0
