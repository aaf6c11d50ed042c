"""What the updater keeps under its state folder from run to run, and what it tells: small files, each wholly the
old or the new one.

    me.json progress.json   who we are; how the run stands
    failed.json later.json  what was tried and did not live; whose self-test could not be made
    clock.json before.json  the time that is surely over; the room's health before a trial
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from controller.update.client import Refused
from controller.update.disk import Disk
from controller.update.kept import ROOM_TOML, STATE, read_tree, whole
from controller.update.plan import Offer, Room, floor
from controller.update.selector import boot_id
from controller.update.slots import Slots
from controller.update.system import System

LATER_S, LATEST_S = 3600, 24 * 3600
"""A self-test that could not be made is made again after an hour, then after twice as long, up to a day; a boot may
have mended what was in its way."""


@dataclass(frozen=True, slots=True)
class Me:
    """From room.toml; a file that cannot be read must not stop the update that mends it, so the last known is
    kept."""

    room: str
    sources: tuple[str, ...]


class Memory:
    """Methods raise OSError of our own card; `tell` does not."""

    def __init__(self, system: System, disk: Disk, slots: Slots) -> None:
        self._system, self._disk, self._slots = system, disk, slots
        self.state = system.root / STATE
        self.latest = ""
        """The version that this room is offered."""

    def me(self) -> Me:
        """Raises Refused where it was never known."""
        try:
            tree = tomllib.loads((self._system.root / ROOM_TOML).read_text(encoding="utf-8"))
            me = Me(
                str(tree["room"]["slug"]), tuple(str(one) for one in tree.get("firmware", {}).get("sources", ()))
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            kept = self.read("me.json")
            sources = kept.get("sources")
            if not isinstance(kept.get("room"), str) or not isinstance(sources, list):
                raise Refused("update.who", str(error)) from error
            return Me(str(kept["room"]), tuple(str(one) for one in sources))
        if self.read("me.json") != json.loads(json.dumps(asdict(me))):
            self.keep("me.json", asdict(me))
        return me

    def room(self, room: str) -> Room:
        schema = whole(self._current().get("schema"))
        return Room(room, self._slots.current, self._system.os(), schema, frozenset(self.failures()))

    def _current(self) -> Mapping[str, object]:
        return read_tree(self._slots.folder(self._slots.current) / "release.json")

    # ---- the time

    @property
    def floor_s(self) -> int:
        """Unix time that is surely over."""
        return max(whole(self.read("clock.json").get("floor_s")), whole(self._current().get("built_s")))

    def now_s(self, forced: bool) -> float | None:
        """For the metadata's end. Raises Refused where it cannot be believed and nobody has forced it: with a clock
        in the past what has expired would be taken (measured with tuf 7)."""
        now_s = self._system.wall_s(self.floor_s)
        if now_s is None and not forced:
            raise Refused("update.clock")
        return now_s

    def seen(self, made: Offer, now_s: float | None, ends_s: float) -> None:
        """Raises BadOffer for a release of the future."""
        floor_s = whole(self.read("clock.json").get("floor_s"))
        seen_s = floor(made, now_s, floor_s, ends_s)
        if seen_s > floor_s:
            self.keep("clock.json", {"floor_s": seen_s})

    # ---- what failed

    def failures(self) -> list[str]:
        """Versions that were taken back here, and `keeper VERSION`; the latest last."""
        found = self.read("failed.json").get("versions")
        return [str(one) for one in found] if isinstance(found, list) else []

    def failed(self, version: str) -> None:
        """The latest are kept: sorted by name, 0.10.0 would be the first to be forgotten, and tried for ever."""
        failed = [*(one for one in self.failures() if one != version), version]
        self.keep("failed.json", {"versions": failed[-16:]})

    def put_off(self, version: str) -> None:
        """Its self-test could not be made now."""
        before = self.read("later.json")
        tries = whole(before.get("tries")) + 1 if before.get("version") == version else 1
        wait_s = min(LATEST_S, LATER_S << min(tries - 1, 16))
        until_s = round(self._system.mono_s()) + wait_s
        boot = boot_id(self._system.root)
        self.keep("later.json", {"version": version, "tries": tries, "boot": boot, "until_s": until_s})

    def waits_s(self, version: str) -> int:
        """How long its self-test still waits."""
        later = self.read("later.json")
        if later.get("version") != version or later.get("boot") != boot_id(self._system.root):
            return 0
        return min(LATEST_S, max(0, whole(later.get("until_s")) - round(self._system.mono_s())))

    # ---- files

    def tell(self, stage: str, code: str, args: tuple[object, ...] = ()) -> None:
        about = {"v": 1, "installed": self._slots.current, "latest": self.latest}
        tree = {**about, "stage": stage, "code": code, "args": list(args)}
        if self.read("progress.json") != json.loads(json.dumps(tree)):
            with suppress(OSError):  # a full card must not end a watch: nobody would take a bad release back
                self.keep("progress.json", tree)

    def read(self, name: str) -> Mapping[str, object]:
        return read_tree(self.state / name)

    def keep(self, name: str, tree: Mapping[str, object]) -> None:
        self._disk.replace(self.state / name, json.dumps(tree).encode())

    def folder(self, name: str) -> Path:
        path = self.state / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path
