"""What our side knows of a Cisco codec while the port is open: the memory that all scripts share.

Law: pure; `now_ms` is set by the conversation before anything else runs. A value is applied to the state wherever
it stands: an answer and feedback have one form and are true in both cases.
Sources: Cisco API reference guides (TC, CE9, RoomOS 11), xStatus; real sessions for State and RoomAnalytics.
"""

from __future__ import annotations

from typing import Final

from hardware.contract import NEVER_MS
from hardware.protocols.cisco_calls import CiscoCalls
from hardware.protocols.cisco_login import CiscoLogin
from hardware.protocols.cisco_media import Media
from hardware.protocols.cisco_models import CE, dialect_of
from hardware.protocols.cisco_parse import Echo, Greeting, Heard, LoginFailed, Path, Told
from hardware.protocols.cisco_told import apply
from hardware.protocols.codec_camera import CameraFacts, Position
from hardware.protocols.codec_settings import Settings
from hardware.protocols.facts import Facts

IDLE_MS: Final = 30_000
"""Status cycle outside a call: feedback tells changes at once, registrations are known to get lost (90 s in a
public driver)."""
LEAST_MS: Final = 2_000
RARE_MS: Final = 60_000
"""A reader who wants less than a word a minute gets no more, in a call or from a silent device."""
SILENT_MS: Final = 5_000
"""Flat time between inquiries of a silent device, so that it is seen soon after its power returns."""
LOOK_MS: Final = 2_000
"""Somebody moves the camera: it is looked at after so long, and again until it rests."""
OWN_STORE_MS: Final = 3_000
"""A word of a changed list of presets this soon after our own store is about that one."""
UPDATING_MS: Final = 600_000
"""A codec that restarted by itself counts as updating its software this long: updates restart it twice."""
COLD_GAP_MS: Final = 1_800_000
"""Silent for longer than any update takes: it was switched off, not updating."""
BOOT_SLACK_MS: Final = 20_000
"""Uptime is in whole seconds and may come late: a begin that moved by more is another begin."""
ABSENT_TIMES: Final = 3
"""A status that is answered with "no match" so often in a row is not there; once may be a bent byte."""
_COUNTED: Final = ("answers", "login", "identity", "software", "updating", "reboots")
_HELD: Final = (*_COUNTED, "power", "mute", "volume", "autoanswer", "registered", "people")
"""Told by feedback, counted by us, or asked every other cycle: a device that answers has confirmed them."""
_LIVE: Final = ("power", "mute", "volume", "registered", "autoanswer", "updating", "people")
QUALITY: Final = ("rate_kbps", "loss_pct", "jitter_ms", "loss_out_pct", "jitter_out_ms")
_OF_CALLS: Final = ("calls", "in_call", "ended", *QUALITY)


class CiscoSession:
    """The state of one conversation; fields are read and written by the scripts."""

    def __init__(self, camera: str | None, login: CiscoLogin, settings: Settings) -> None:
        self.now_ms = 0
        self.login = login
        self.facts = Facts("codec", _HELD)
        self.camera = None if camera is None else CameraFacts(camera)
        self.settings = settings
        self.calls = CiscoCalls()
        self.media = Media()
        self.period_ms = 0
        self.reboots = 0
        self.noise = self._noise = 0
        self.asleep: bool | None = None
        self.turned_aside = False
        """Asleep, or on the way there: where the head looks is then no frame of anybody's."""
        self.stored_ms = -NEVER_MS
        self.answered_ms: int | None = None
        self.heard_ms = -NEVER_MS
        self.updating_until_ms = -NEVER_MS
        self.booted_ms: int | None = None
        self.gap_ms = 0
        self.begin()

    def begin(self) -> None:
        """The port was opened: nothing of the device is sure, and its software may be another one."""
        self.opened_ms = self.now_ms
        self.identified = self.tagged = False
        self.model = self.serial = self.software = ""
        self.dialect = CE
        self.silent_n = self.cycle_n = self.tag_n = 0
        self.doubt = self.resync = self.restart_seen = self.round = False
        self.upgrading = self.teams = self.echoing = False
        self.unmutes = False
        self.recheck_ms = -NEVER_MS
        self.placed = ""
        self.ending: dict[str, str] = {}
        self.place: dict[str, int] = {}
        self.registrars: dict[tuple[str, ...], bool] = {}
        self.new_session()

    def new_session(self) -> None:
        """A login or a restart: the device has forgotten echo, output mode and registrations."""
        self.absent: dict[str, int] = {}
        self.registered: set[str] = set()
        self.listed: set[str] = set()
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

    def at_rest(self) -> bool:
        """Nothing is on, nobody is in a hurry, and since the last cycle every piece that came in was understood."""
        noise, self._noise = self._noise, self.noise
        calm = not (self.calls.connected or self.calls.settling) and noise == self.noise
        return calm and (self.period_ms or IDLE_MS) >= IDLE_MS

    def silent_ms(self) -> int:
        """Time between two inquiries of a silent device; its boot text is heard at once in any case."""
        return self.period_ms if self.period_ms > RARE_MS else SILENT_MS

    def recheck(self, in_ms: int) -> None:
        """Ask for the state early."""
        self.recheck_ms = self.now_ms + in_ms

    def look_soon(self) -> None:
        """Ask where the camera is; a stream of words about it puts off no look that is due already."""
        if self.recheck_ms < 0 or self.recheck_ms > self.now_ms + LOOK_MS:
            self.recheck(LOOK_MS)

    def storing(self) -> bool:
        """Is it our own store that the device tells about?"""
        return self.now_ms - self.stored_ms <= OWN_STORE_MS

    def due(self) -> bool:
        """Is there a reason to ask before the cycle is over?"""
        return self.doubt or 0 <= self.recheck_ms <= self.now_ms

    def lacks(self, text: str) -> bool:
        """Did the device say that it does not know this?"""
        return self.absent.get(text, 0) >= ABSENT_TIMES

    def hear(self, heard: Heard) -> None:
        """Apply one value."""
        self.heard_ms = self.now_ms
        match heard:
            case Told():
                apply(self, heard)
            case Path():
                self.listed.add(heard.text)
            case Echo():
                self.echoing = True
            case LoginFailed():
                self.login.failed()
            case Greeting():
                self._greeting(heard)
            case _:
                pass

    def _greeting(self, greeting: Greeting) -> None:
        """A session began. Where we did not ask for one, the device restarted or somebody logged in."""
        if greeting.by_login:
            self.login.passed()
        if greeting.by_login or not self.login.locked:
            self.resync = True

    def set_uptime(self, uptime_ms: int) -> None:
        """Another begin than before: it has restarted, whether or not anybody saw it silent."""
        booted_ms = self.now_ms - uptime_ms
        if self.booted_ms is not None and booted_ms - self.booted_ms > BOOT_SLACK_MS:
            self.restart_seen = self.resync = True
            self.gap_ms = self.now_ms - (self.answered_ms if self.answered_ms is not None else -NEVER_MS)
        self.booted_ms = booted_ms

    def position(self) -> Position | None:
        """Where the head is, once all three values came; they are asked for anew each time."""
        place, self.place = self.place, {}
        if not {"pan", "tilt", "zoom"} <= place.keys():
            return None
        return Position(place["pan"], place["tilt"], place["zoom"])

    def identify(self) -> None:
        """The device said who it is, and so which words it knows."""
        self.identified = True
        self.dialect = dialect_of(self.software)
        self.facts.put("identity", f"{self.model}:{self.serial}")
        if self.camera is not None:
            self.camera.identify(self.model)

    def set_asleep(self, asleep: bool | None) -> None:
        """The device went to sleep or woke."""
        if asleep is None:
            return
        self.asleep = asleep
        self.facts.put("power", "asleep" if asleep else "awake")
        if self.camera is not None:
            self.camera.set_awake(not asleep)

    def calls_changed(self) -> None:
        """The table of calls may be another one."""
        up = self.calls.connected or self.teams
        if up and not self.facts.get("in_call"):
            self.facts.forget(("ended",))
            # The cycle is shorter from now on, and the figures of the call are asked for.
            self.recheck(1_000)
        if self.calls.known or up:
            self.facts.put("calls", self.calls.value())
            self.facts.put("in_call", up)
        if up:
            self.facts.put("rate_kbps", self.calls.rate_kbps)
        else:
            self.facts.forget(QUALITY)

    def media_told(self) -> None:
        """The answer about the channels is complete."""
        for field, value in self.media.close().items():
            self.facts.put(field, value)

    def tell_updating(self) -> None:
        """An update is under way, or a restart was seen."""
        self.facts.put("updating", self.upgrading or self.now_ms < self.updating_until_ms)

    def quiet_again(self) -> None:
        """The time after a restart is over."""
        if self.facts.get("updating"):
            self.tell_updating()

    def confirm_answered(self) -> None:
        """An inquiry was answered."""
        self.silent_n, self.doubt = 0, False
        self.answered_ms = self.now_ms
        self.login.passed()
        self.facts.put("login", "ok")
        self.facts.put("answers", True)
        self.facts.put("reboots", self.reboots)
        self.tell_updating()
        self.facts.confirm()
        if self.camera is not None and self.identified:
            self.camera.facts.put("answers", True)
            self.camera.facts.confirm()

    def restarted(self) -> None:
        """The device has booted after `gap_ms` without an answer: no call survives; after a short gap it did so by
        itself, after a long one it was switched on."""
        self.restart_seen = self.upgrading = self.teams = False
        self.new_session()
        self.calls = CiscoCalls(known=True)
        self.calls_changed()
        if self.camera is not None:
            self.camera.leave()
        if self.gap_ms < COLD_GAP_MS:
            self.reboots += 1
            self.updating_until_ms = self.now_ms + UPDATING_MS
            self.facts.put("reboots", self.reboots)
        self.tell_updating()

    def unknown(self, answers: bool | None) -> None:
        """The device is silent, locked or out of reach: what it was is no longer known."""
        self.identified = False
        self.asleep = None
        self.facts.put("answers", answers)
        self.facts.forget((*_LIVE, *_OF_CALLS))
        self.calls = CiscoCalls()
        if self.camera is not None:
            self.camera.unknown(answers)
