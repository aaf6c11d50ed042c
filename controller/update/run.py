"""One run of the updater: root, short, alone (a lock). What a cut run has left is judged before anything new.

    recover → refresh → choose → download → space → unpack → self-test → not in use → trial → restart → watch → keep
    or back; then, where no release was tried, the signed configuration the same way (settings.py)

It ends wherever it has to wait (the room is in use, the line is down); the timer and the room's order begin
another, which finds what is already there. Every stage is told in progress.json, which the controller shows on
`…/update`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from controller.texts.foreign import named
from controller.update import gate
from controller.update.client import BUNDLE, RINGS, Client, Found, Refused
from controller.update.disk import Disk, alone
from controller.update.gate import USUAL, Times, Verdict
from controller.update.kept import ROOT_JSON, Said, read_tree, whole
from controller.update.memory import Me, Memory
from controller.update.plan import BadOffer, Offer, decide, offer, ring
from controller.update.selector import Trial
from controller.update.settings import LOUD, Settings
from controller.update.slots import Slots
from controller.update.system import CONTROLLER, NOT_MADE, System, present
from controller.update.turn import Turn
from controller.update.units import COMMAND, differing
from controller.update.unpack import BadBundle, compile_keeper, unpack

SPARE_BYTES = 64 << 20
"""The journal grows while we are at it."""
NOTHING_NEW = ("update.nothing", "update.newest")
COUNTED = ("update.self_test", "update.failed_here")
"""The centre stops a release by the rooms that say so: nothing may hide it."""


MakeClient = Callable[[Path, bytes, Sequence[str]], Client]


class Run:
    """`forced`: the name of a person who wants it now: an unknown clock, an earlier failure and the percentage do
    not hold it up. The use lock does: that is forced in the room."""

    def __init__(
        self, system: System, disk: Disk, client: MakeClient, forced: str = "", times: Times = USUAL
    ) -> None:
        self._system, self._disk, self._make_client, self._forced = system, disk, client, forced
        self._times = times
        self.slots = Slots(system.root, disk)
        self._memory = Memory(system, disk, self.slots)
        self._tell = self._memory.tell
        self._turn = Turn(system, self.slots, self._memory, times)
        self._settings = Settings(system, disk, times, bool(forced), self._tell)

    def once(self, sources: Sequence[str] = ()) -> Said:
        """One run. `sources` in place of room.toml's: a stick."""
        with alone(self._memory.state / "lock") as ours:
            if not ours:
                return Said("waiting", "update.busy")
            try:
                said = self._once(sources)
            except OSError as error:  # told too: else the centre sees a download that stands still for hours
                said = Said("failed", "update.card", (named(error),))
            self._tell(said.stage, said.code, said.args)
            return said

    def _once(self, sources: Sequence[str]) -> Said:
        trial = self.slots.recover()
        if trial is not None:
            return self._judge(trial)
        self._turn.recover()
        try:
            if left := self._settings.recover():
                return left
            me = self._memory.me()
            me = replace(me, sources=tuple(sources)) if sources else me
            said = self._units(self._update(me))
        except (Refused, BadOffer, BadBundle) as error:
            return Said("failed", error.code, error.args[1:])
        self._turn.follow()
        self.slots.tidy()
        return said

    def _units(self, said: Said) -> Said:
        """Where there is nothing else to say."""
        version = self.slots.current
        if said.code not in NOTHING_NEW:
            return said
        names = differing(self._system.root, self.slots.folder(version))
        return Said("idle", "update.units_differ", (version, ", ".join(names), COMMAND)) if names else said

    def _update(self, me: Me) -> Said:
        """The program first: a new configuration may need it."""
        if not me.sources:
            return Said("idle", "update.nothing")  # a room that is updated from a stick only
        now_s = self._memory.now_s(bool(self._forced))
        client = self._client(me)
        said = self._release(client, me.room, now_s)
        if said.stage in ("done", "back"):  # the room has just been restarted: the next run goes on
            return said
        taken = self._settings.once(client, me.room, self.slots.folder(self.slots.current))
        return said if taken is None else louder(said, taken)

    def _release(self, client: Client, room: str, now_s: float | None) -> Said:
        """What is wrong with a release, or with the card that it does not fit on, is told, and holds up no
        configuration."""
        try:
            return self._firmware(client, room, now_s)
        except (Refused, BadOffer, BadBundle) as error:
            return Said("failed", error.code, error.args[1:])
        except OSError as error:
            if self.slots.trial is not None:
                raise
            return Said("failed", "update.card", (named(error),))

    def _client(self, me: Me) -> Client:
        client = self._make_client(
            self._memory.folder("metadata"), (self._system.root / ROOT_JSON).read_bytes(), me.sources
        )
        self._tell("checking", "update.checking")
        client.refresh(self._disk, self._memory.floor_s)
        self._memory.folder("download")
        return client

    def _firmware(self, client: Client, room: str, now_s: float | None) -> Said:
        found, made = self._offered(client, room)
        if found is None or made is None:
            return Said("idle", "update.nothing")
        self._memory.latest = made.version
        self._memory.seen(made, now_s, client.ends_s)
        stay = decide(made, self._memory.room(room), bool(self._forced))
        if stay is not None and stay.code == "update.newest" and self._other_content(found):
            return Said("idle", "update.same_version", (made.version,))
        if stay is not None:
            return Said("idle", stay.code, stay.args)
        self._stage(client, found, made)
        return self._try(made.version)

    def _offered(self, client: Client, room: str) -> tuple[Found | None, Offer | None]:
        """What our ring is offered."""
        rings = client.read(RINGS, self._memory.folder("download"), self._disk)
        if rings is None:
            return None, None
        found = client.find(f"{ring(rings, room)}/{BUNDLE}", self._disk)
        return found, offer(found.custom) if found is not None else None

    def _other_content(self, found: Found) -> bool:
        """Whether what runs was signed with another hash than what now bears its number."""
        return self.slots.signed(self.slots.current) not in ("", found.sha256)

    def _stage(self, client: Client, found: Found, made: Offer) -> None:
        """Download and unpack beside the running release, unless it is there already."""
        if self.slots.has(made.version, found.sha256):
            return
        if made.version == self.slots.keeper and made.version in self.slots.whole:
            raise Refused("update.same_version", made.version)
        folder = self._memory.folder("download")
        need = found.length + made.unpacked_b + SPARE_BYTES
        free = self._system.free_bytes(folder)
        if free < need:
            raise Refused("update.space", need >> 20, free >> 20)
        bundle = folder / BUNDLE
        try:
            self._tell("downloading", "update.downloading", (made.version,))
            client.fetch(found, bundle)
            self._tell("unpacking", "update.unpacking", (made.version,))
            self.slots.add(made.version, found.sha256, lambda tmp: self._unpack(bundle, tmp, made))
        finally:
            self._disk.remove(bundle)

    def _unpack(self, bundle: Path, tmp: Path, made: Offer) -> None:
        unpack(bundle, tmp, self._disk, made.unpacked_b)
        said = read_tree(tmp / "release.json")
        if whole(said.get("built_s")) > made.built_s:
            raise BadOffer("update.built_ahead", made.version)
        if said.get("version") != made.version or made.version.endswith(".tmp"):
            raise BadBundle("update.bundle_name", str(said.get("version"))[:40])
        compile_keeper(tmp, self.slots.folder(made.version), self._disk)

    def _try(self, version: str) -> Said:
        if not self._forced and (waits_s := self._memory.waits_s(version)):
            return Said("waiting", "update.test_later", (version, -(-waits_s // 60)))
        self._tell("testing", "update.testing", (version,))
        code, fault = self._system.self_test(self.slots.folder(version))
        if code == NOT_MADE:
            self._memory.put_off(version)
            return Said("waiting", code, (version, fault))
        if code:
            self._memory.failed(version)
            return Said("failed", code, (version, fault))
        if why := gate.in_the_way(present(self._system, self._times.look)):
            return Said("waiting", why[0], why[1])
        self._memory.keep("before.json", gate.written(self._system.health()))
        return self._judge(self.slots.begin(version), restart=True)

    def _judge(self, trial: Trial, restart: bool = False) -> Said:
        """Watch the trial to its end. After a cut it is watched anew from here: its first minutes are not
        believed."""
        if restart:
            self._restart(CONTROLLER)
        before = gate.read(self._memory.read("before.json"))
        began_s, seen = self._system.mono_s(), not restart
        while True:
            if why := self.slots.given_up:
                return self._back(trial, Verdict(False, f"update.gave_up_{why}"))
            now = self._system.health()
            since_s = self._system.mono_s() - began_s
            verdict = gate.judge(before, now, since_s, seen, self._times)
            if not self.slots.started:
                verdict = Verdict(False if since_s >= self._times.patience else None, "update.not_started")
            if verdict.good is False and not gate.in_use(self._system.view()):
                return self._back(trial, verdict)
            if verdict.good:
                self.slots.commit()
                self._turn.follow()
                self.slots.tidy()
                return Said("done", "update.done", (trial.back, trial.release))
            self._tell("watching", verdict.code, verdict.args)
            seen = seen or bool(now.pid)
            self._system.sleep(self._times.look)

    def _back(self, trial: Trial, verdict: Verdict) -> Said:
        """First the mark, so that a cut cannot make us try it again for ever; a card that does not take it keeps no
        bad release. What the selector has given up runs no more: nothing is restarted, there may be a meeting."""
        runs = not self.slots.given_up
        with suppress(OSError):
            self._memory.failed(trial.release)
        try:
            self.slots.back()
        finally:
            if runs:
                self._restart(CONTROLLER)
        return Said("back", "update.back", (trial.release, trial.back, verdict.code, *verdict.args))

    def _restart(self, unit: str) -> None:
        """A unit that does not come up is what the watch is for."""
        try:
            self._system.restart(unit)
        except OSError:
            self._tell("watching", "update.unit", (unit,))


def louder(release: Said, settings: Said) -> Said:
    """Which of the two is told, where both have something to say and no release was tried: what is new, else what
    is worse."""
    if release.code in COUNTED:
        return release
    changed = settings.stage in ("done", "back") or release.code in NOTHING_NEW
    return settings if changed or LOUD.index(settings.stage) > LOUD.index(release.stage) else release
