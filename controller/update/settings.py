"""The configuration as the office has signed it: the rule packs that room.toml names, then room.toml itself,
`config/ROOM/room.toml`. Each is checked by the release that runs, and tried by itself (piece.py).

    fetch → own contacts kept → self-test → not in use → trial

A pack is signed for one room (`packs/room/ROOM/NAME`) or for a ring (`packs/ring/RING/NAME`); the room's own comes
first. One that no room.toml names yet is only laid there: it counts with the room.toml that names it, and is tested
and tried with it. What a technician has changed by hand stays until something newer is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from controller.update import gate, plan
from controller.update.client import RINGS, Client, Found, Refused
from controller.update.contacts import parsed, with_contacts
from controller.update.disk import Disk
from controller.update.gate import Health, Times
from controller.update.kept import PACK, ROOM_TOML, STATE, Said
from controller.update.piece import MODE, Piece, Tell, Words, hash_of, text_of
from controller.update.system import NOT_MADE, System, present

LARGEST_BYTES = 1 << 20
QUIET_S = 120.0
"""Shorter than a release's: the program is the same that has run well before."""
PACKS_MAX = 8
"""Four that stand in room.toml, and four that the next one names."""
FOLDER_MODE = 0o750
LOUD = ("idle", "waiting", "failed")

Read = Callable[[Found], bytes]
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose configuration is taken: `client` is refreshed, `release` runs. `ring`: '' = nobody knows."""

    client: Client
    room: str
    release: Path
    ring: str = ""


class Settings:
    """Methods raise OSError of our own card."""

    def __init__(self, system: System, disk: Disk, times: Times, forced: bool, tell: Tell) -> None:
        self._system, self._disk, self._forced, self._tell = system, disk, forced, tell
        self._times = replace(times, quiet=min(times.quiet, QUIET_S))
        self._state = system.root / STATE
        self._folder = (system.root / ROOM_TOML).parent
        self._next, self._aside = self._folder / "room.next.toml", self._folder / "next"
        self._room = self._piece("room.toml", "settings", Words("settings", "update.local_change"))

    def _piece(self, file: str, state: str, words: Words) -> Piece:
        return Piece(self._system, self._disk, self._times, self._tell, self._folder / file, state, words)

    def _pack(self, stem: str) -> Piece:
        return self._piece(f"{stem}.toml", f"pack-{stem}", Words("pack", "update.pack_change", (stem,)))

    def recover(self) -> Said | None:
        """After a cut: a trial that is on is judged, one that had not begun or was over goes. None = nothing is
        under way."""
        self._disk.remove(self._next)
        self._disk.remove(self._aside)
        noted = sorted(one.name for one in self._state.glob("pack-*-trial.json"))
        stems = (name.removeprefix("pack-").removesuffix("-trial.json") for name in noted)
        said = (piece.recover() for piece in (*map(self._pack, stems), self._room))
        return next((one for one in said if one is not None), None)

    def once(self, client: Client, room: str, release: Path) -> Said | None:
        """Take what is signed for `room`, once it is another than was taken last. `client` is refreshed; `release`
        runs. None = there is nothing to say."""
        told: list[Said] = []
        for said in self._steps(Place(client, room, release)):
            if said is not None and said.stage in ("done", "back"):
                return said  # the room has just been restarted: the next run goes on
            told += [said] if said is not None else []
        return max(told, key=lambda said: LOUD.index(said.stage), default=None)

    def _steps(self, at: Place) -> Iterator[Said | None]:
        """The packs first: a new room.toml may name one that is not there yet."""
        new = refused(lambda: self._room_news(at))
        now = named(text_of(self._room.path))
        later = named(new[0]) if isinstance(new, tuple) else ()
        names = [*dict.fromkeys((*now, *later))][:PACKS_MAX]
        here = replace(at, ring=self._ring(at)) if names else at
        for name in names:
            yield refused(partial(self._take_pack, here, name, name in now))
        yield self._try_room(at, *new) if isinstance(new, tuple) else new

    def _news(self, piece: Piece, found: Found | None, read: Read) -> tuple[bytes, str] | Said | None:
        """The text that is to be tried and its signed hash; else what is to be said. Raises Refused."""
        if found is None:
            return None
        here, ours = piece.here, piece.kept()
        if here and found.sha256 == ours.signed:
            return None if here == ours.file else Said("idle", piece.words.changed, piece.words.about)
        if found.sha256 in ours.failed and not self._forced:
            return piece.words.said("idle", "failed")
        text = read(found)
        if hash_of(text) == here:
            piece.keep(replace(ours, signed=found.sha256, file=here))
            return None
        return text, found.sha256

    # ---- room.toml

    def _room_news(self, at: Place) -> tuple[bytes, str] | Said | None:
        found = at.client.find(f"config/{at.room}/room.toml", self._disk)
        return self._news(self._room, found, lambda one: self._of_room(at, one))

    def _of_room(self, at: Place, found: Found) -> bytes:
        """The signed file with the contacts of the room."""
        text = self._fetched(at, found)
        tree = parsed(text)
        about = tree.get("room")
        slug = about.get("slug") if isinstance(about, Mapping) else None
        if slug != at.room:
            raise Refused("update.settings_other", str(slug)[:40], at.room)
        return text if "contacts" in tree else with_contacts(text, text_of(self._room.path))

    def _try_room(self, at: Place, text: bytes, signed: str) -> Said:
        self._room.tell("testing")
        self._disk.create(self._next, (text,), MODE)
        code, fault = self._system.settings_test(at.release, self._next)
        self._disk.remove(self._next)
        if code == NOT_MADE:
            return Said("waiting", code, ("room.toml", fault))
        if code:
            return Said("failed", code, (fault,) if fault else ())
        return self._in_its_place(self._room, text, signed, parsed(text))

    # ---- a pack

    def _take_pack(self, at: Place, name: str, counts: bool) -> Said | None:
        """`counts`: the room.toml that stands there names it."""
        piece = self._pack(name.removesuffix(".toml"))
        new = self._news(piece, self._signed_pack(at, name), lambda found: self._of_pack(at, found, piece))
        if not isinstance(new, tuple):
            return new
        if counts:
            return self._try_pack(at, piece, *new)
        piece.laid(*new)
        return None

    def _ring(self, at: Place) -> str:
        """A list of rings that is missing or not of its form is told with the release."""
        with suppress(Refused, plan.BadOffer):
            return plan.ring(at.client.read(RINGS, self._state / "download", self._disk), at.room)
        return ""

    def _signed_pack(self, at: Place, name: str) -> Found | None:
        """The room's own, else its ring's."""
        found = at.client.find(f"packs/room/{at.room}/{name}", self._disk)
        return at.client.find(f"packs/ring/{at.ring}/{name}", self._disk) if found is None and at.ring else found

    def _of_pack(self, at: Place, found: Found, piece: Piece) -> bytes:
        text = self._fetched(at, found)
        try:
            there = "pack" in parsed(text)
        except Refused as error:
            raise Refused("update.pack_wrong", *piece.words.about, *error.args[1:]) from error
        if not there:
            raise Refused("update.pack_none", *piece.words.about)
        return text

    def _try_pack(self, at: Place, piece: Piece, text: bytes, signed: str) -> Said:
        """Tested in a folder beside, with all that room.toml names."""
        piece.tell("testing")
        room = text_of(self._room.path)
        others = {name: text_of(self._folder / name) for name in named(room)}
        self._disk.remove(self._aside)
        self._disk.folder(self._aside, FOLDER_MODE)
        for name, content in {"room.toml": room, **others, piece.path.name: text}.items():
            self._disk.create(self._aside / name, (content,), MODE)
        code, fault = self._system.settings_test(at.release, self._aside / "room.toml")
        self._disk.remove(self._aside)
        if code == NOT_MADE:
            return Said("waiting", code, (piece.path.name, fault))
        if code:
            return piece.words.said("failed", "wrong", fault)
        return self._in_its_place(piece, text, signed, parsed(room))

    # ---- both

    def _fetched(self, at: Place, found: Found) -> bytes:
        if found.length > LARGEST_BYTES:
            raise Refused("update.not_trusted", "foreign.update.large", found.name)
        path = self._state / "download" / "room.toml"
        at.client.fetch(found, path)
        text = path.read_bytes()
        path.unlink()
        return text

    def _in_its_place(self, piece: Piece, text: bytes, signed: str, tree: Mapping[str, object]) -> Said:
        """On trial, unless something is in the way. `tree`: room.toml as it will be."""
        if why := gate.in_the_way(present(self._system, self._times.look)):
            return Said("waiting", *why)
        return piece.tried(text, signed, still(self._system.health(), tree))


def refused(take: Callable[[], _Result]) -> _Result | Said:
    """What is wrong with one file is told, and holds up no other."""
    try:
        return take()
    except Refused as error:
        return Said("failed", error.code, error.args[1:])


def named(room: bytes) -> tuple[str, ...]:
    """The packs that a room.toml names, of those that can be signed."""
    try:
        about = parsed(room).get("room")
    except Refused:
        return ()
    names = about.get("rule_packs") if isinstance(about, Mapping) else None
    return (
        tuple(one for one in names if isinstance(one, str) and PACK.fullmatch(one))
        if isinstance(names, list)
        else ()
    )


def still(found: Health, tree: Mapping[str, object]) -> Health:
    """Without the devices that the configuration `tree` no longer has: they owe no answer. A room that shall work
    alone owes no broker."""
    answers = frozenset(one for one in found.answers if one == "keeper" or _has(tree, one))
    return replace(found, answers=answers, broker=found.broker and "mqtt" in tree)


def _has(tree: Mapping[str, object], device: str) -> bool:
    """`device` as the gate names it: `codec`, `camera.main` for `[cameras.main]`."""
    part, _, name = device.partition(".")
    table = tree.get(part, tree.get(f"{part}s"))
    return table is not None and (not name or (isinstance(table, Mapping) and name in table))
