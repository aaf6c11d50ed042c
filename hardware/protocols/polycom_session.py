"""What our side knows of a Polycom codec while the port is open: the memory that all scripts share.

Law: pure; `now_ms` is set by the conversation before anything else runs. A line is applied to the state first
and only then offered to the command that waits: a line `mute near on` may be a reply or somebody at the
remote control, and is true in both cases (Integrator's Reference Manual, "mute register").
"""

from __future__ import annotations

from typing import Final

from hardware.contract import NEVER_MS
from hardware.protocols.codec_camera import CameraFacts, Position, Preset
from hardware.protocols.codec_settings import Settings
from hardware.protocols.facts import Facts
from hardware.protocols.polycom_calls import Calls
from hardware.protocols.polycom_heard import (
    Banner,
    CallSeen,
    Fact,
    Heard,
    LoginFailed,
    Quality,
    Ringing,
    Roll,
    Status,
)
from hardware.protocols.polycom_login import Login

IDLE_MS: Final = 30_000
"""Status cycle outside a call (reconciliation every 30-60 s is what the manual's registrations leave to do)."""
LEAST_MS: Final = 2_000
"""A cycle takes five commands of 200 ms and more: faster would leave the port no pause."""
RARE_MS: Final = 60_000
"""A reader who wants less than a word a minute gets no more, in a call or from a silent device."""
SILENT_MS: Final = 5_000
"""Flat time between inquiries of a silent device, so that it is seen soon after its power returns."""
UPDATING_MS: Final = 600_000
"""A codec that restarted by itself counts as updating its software this long: updates restart it twice."""
REBOOT_GAP_MS: Final = 45_000
"""A restart takes 60 s or more: a shorter gap between two answers cannot hide one."""
COLD_GAP_MS: Final = 1_800_000
"""Silent for longer than any update takes: it was switched off, not updating."""
ABSENT_TIMES: Final = 3
POLLED: Final = ("callinfo all", "status", "netstats")
BANNER_GAP_MS: Final = 20_000
"""A banner right behind other lines is a late answer (seen), a banner after this much silence is a restart."""
ASKED_MS: Final = 30_000
"""A banner this soon after `whoami` is its answer, however late."""
_HELD: Final = ("answers", "login", "identity", "software", "power", "updating", "reboots", "popup", "volume")
"""Told by registered events or counted by us, so that a device that answers has confirmed them."""
_LIVE: Final = ("power", "mute", "volume", "registered", "autoanswer", "mic_level", "updating", "popup")
_OF_CALLS: Final = ("calls", "in_call", "rate_kbps", "loss_pct")


class Session:
    """The state of one conversation; fields are read and written by the scripts."""

    def __init__(self, camera: str | None, login: Login, settings: Settings) -> None:
        self.now_ms = 0
        self.login = login
        self.facts = Facts("codec", _HELD)
        self.camera = None if camera is None else CameraFacts(camera)
        self.settings = settings
        self.calls = Calls()
        self.registered: set[str] = set()
        self.period_ms = 0
        self.reboots = 0
        self.noise = 0
        self.asleep: bool | None = None
        self.believed = False
        self.answered_ms: int | None = None
        self.heard_ms = -NEVER_MS
        self.sought_ms = NEVER_MS
        self.updating_until_ms = -NEVER_MS
        self.begin()

    def opened(self, now_ms: int) -> None:
        """Of all openings the first is kept: a port may be opened at many speeds before anybody answers."""
        self.now_ms = now_ms
        self.sought_ms = min(self.sought_ms, now_ms)
        self.begin()

    def begin(self) -> None:
        """The port was opened: nothing of the device is sure, and firmware may be another one."""
        self.opened_ms = self.now_ms
        self.absent: dict[str, int] = {}
        self.identified = False
        self.model = self.serial = self.software = ""
        self.uptime_min: int | None = None
        self.silent_n = 0
        self.doubt = self.resync = self.booted = self.round = False
        self.whoami_ms = self.recheck_ms = -NEVER_MS
        self.metering = False
        self._registrar: bool | None = None
        self.nonce_n = 0
        self.cycle_n = 0
        self.settings.begin()

    @property
    def lost(self) -> bool:
        """Asked at least three times, silent."""
        return self.silent_n >= 3

    def cycle_ms(self) -> int:
        """Time between two status cycles: three times as often in a call, unless the reader asks rarely."""
        period_ms = self.period_ms or IDLE_MS
        quick = self.calls.connected and period_ms <= RARE_MS
        return max(LEAST_MS, period_ms // 3 if quick else period_ms)

    def silent_ms(self) -> int:
        """Time between two inquiries of a silent device; a banner is heard at once in any case."""
        return self.period_ms if self.period_ms > RARE_MS else SILENT_MS

    def recheck(self, in_ms: int) -> None:
        """Ask for the state early."""
        self.recheck_ms = self.now_ms + in_ms

    def due(self) -> bool:
        """Is there a reason to ask before the cycle is over?"""
        return self.doubt or 0 <= self.recheck_ms <= self.now_ms

    def lacks(self, text: str) -> bool:
        """Did the device say lately in this session that it does not know this command? For what is asked again and
        again only the third time in a row counts: once may be a byte that the line bent."""
        polled = text.endswith(" get") or text in POLLED
        return self.absent.get(text, 0) >= (ABSENT_TIMES if polled else 1)

    def nonce(self) -> str:
        """A word that the device cannot know, to be echoed."""
        self.nonce_n += 1
        return f"sync{self.nonce_n}"

    def hear(self, heard: Heard | None) -> None:
        """Apply one line."""
        match heard:
            case None:
                return
            case Fact():
                self._fact(heard)
            case CallSeen() if heard.event:
                self.calls.event(heard, self.now_ms)
                self._calls_changed()
            case CallSeen():
                self.calls.listed(heard)
            case Roll():
                self._roll(heard)
            case _:
                self._rest(heard)
        self.heard_ms = self.now_ms

    def _rest(self, heard: Heard) -> None:
        match heard:
            case Quality():
                self.facts.put("rate_kbps", heard.rate_kbps)
                self.facts.put("loss_pct", heard.loss_pct)
            case Status():
                self._status(heard)
            case Banner():
                self._banner(heard)
            case LoginFailed():
                self.login.failed()
            case Preset() | Position() if self.camera is not None:
                self.camera.hear(heard)
                if isinstance(heard, Preset) and not self.camera.owned:
                    self.recheck(0)
            case Ringing():
                # Who rings comes in the call's own lines; where none were registered, the list tells.
                self.recheck(2_000)

    def _fact(self, fact: Fact) -> None:
        match fact.field, fact.value:
            case "asleep", bool(asleep):
                self.set_asleep(asleep)
            case "model", str(text):
                self.model = text
            case "serial", str(text):
                self.serial = text
            case "software", str(text):
                self.software = text
                self.facts.put("software", text)
            case "uptime_min", int(minutes):
                self.uptime_min = minutes
            case "mic_level", level:
                # Every level is news, the same one again too: that is what the microphone check counts.
                self.facts.put("mic_level", level)
                self.facts.changed = True
            case name, value:
                self.facts.put(name, value)

    def identify(self) -> None:
        """The device said who it is."""
        self.identified = True
        self.facts.put("identity", f"{self.model}:{self.serial}")
        if self.camera is not None:
            self.camera.identify(self.model)

    def set_asleep(self, asleep: bool, believed: bool = False) -> None:
        """The device went to sleep or woke. No inquiry tells it: an event that the line has eaten is made good
        only by the next one, a call that is up, or a restart. `believed`: it was told to, and said nothing."""
        self.asleep, self.believed = asleep, believed
        self.facts.put("power", "asleep" if asleep else "awake")
        if self.camera is not None:
            self.camera.set_awake(not asleep)

    def _roll(self, roll: Roll) -> None:
        if self.calls.roll(roll, self.now_ms):
            self._calls_changed()
        elif self.calls.outdated:
            self.recheck(1_000)

    def _calls_changed(self) -> None:
        if self.calls.connected:
            self.set_asleep(False)
            if not self.facts.get("in_call"):
                # The list knows more than the events told, and the cycle is shorter from now on.
                self.recheck(1_000)
        elif self.facts.get("in_call"):
            self.facts.forget(_OF_CALLS[2:])
        if self.calls.known or self.calls.connected:
            self.facts.put("calls", self.calls.value())
            self.facts.put("in_call", self.calls.connected)

    def _status(self, status: Status) -> None:
        if status.name in ("gatekeeper", "sipserver"):
            self._registrar = bool(self._registrar) or status.word == "online"
        elif status.name == "status":
            self.facts.put("registered", self._registrar)
            self._registrar = None

    def _banner(self, banner: Banner) -> None:
        if banner.fact is not None:
            self._fact(banner.fact)
        if not banner.start:
            return
        if self.login.locked:
            self.login.passed()
            self.resync = True
        elif self.now_ms - self.whoami_ms >= ASKED_MS:
            quiet = self.now_ms - self.heard_ms >= BANNER_GAP_MS or self.facts.get("answers") is not True
            self.booted = self.booted or quiet
            self.resync = self.resync or quiet

    def returned(self) -> None:
        """The device answers again without having restarted: it neither woke nor slept by that."""
        if self.asleep is not None and self.facts.get("power") is None:
            self.set_asleep(self.asleep, self.believed)

    def confirm_answered(self) -> None:
        """An inquiry was answered."""
        self.silent_n, self.doubt = 0, False
        self.answered_ms = self.now_ms
        self.login.passed()
        self.facts.put("login", "ok")
        self.facts.put("answers", True)
        self.facts.put("reboots", self.reboots)
        self.facts.put("updating", self.now_ms < self.updating_until_ms)
        self.facts.confirm()
        if self.camera is not None and self.identified:
            self.camera.facts.put("answers", True)
            self.camera.facts.confirm()

    def restarted(self, counts: bool) -> None:
        """The device has booted: no call survives, it is awake, and its firmware may be another one; `counts`: by
        itself, not switched on."""
        self.absent.clear()
        self.calls = Calls(known=True)
        self._calls_changed()
        self.settings.begin()
        self.metering = False
        if self.camera is not None:
            self.camera.leave()
        self.set_asleep(False)
        if counts:
            self.reboots += 1
            self.updating_until_ms = self.now_ms + UPDATING_MS
            self.facts.put("reboots", self.reboots)
            self.facts.put("updating", True)

    def unknown(self, answers: bool | None) -> None:
        """The device is silent, locked or out of reach: what it was is no longer known. Power is kept for
        its return: a codec that only was out of reach did not wake or sleep by that."""
        self.identified = self.metering = False
        self.facts.put("answers", answers)
        self.facts.forget((*_LIVE, *_OF_CALLS))
        self.calls = Calls()
        if self.camera is not None:
            self.camera.unknown(answers)
