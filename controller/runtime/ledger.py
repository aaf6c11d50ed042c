"""A journal that outlives what its disk does: opens, commits, makes room, begins anew after corruption.

Lives here: which entries a commit holds and what the disk is known to hold. Must not live here: waiting, threads,
retries (writer.py), SQL (store.py). Used on the journal's thread only. Methods raise DiskError; after one, call
`fail` and, later, `open`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from controller import before
from controller.core.chain import KIND, START, Entry, Head, head_of, seal, seal_all
from controller.core.instant import Instant
from controller.core.memory import Memory
from controller.core.records import Priority, Record
from controller.runtime.aside import move_aside, newest_seq
from controller.runtime.backlog import Backlog, Load
from controller.runtime.batch import OWN, Ask, Batch, Committed
from controller.runtime.memory_json import Changes, changes, decode
from controller.runtime.store import DiskError, Store
from controller.runtime.trim import trim
from hardware.contract import Value

_NEW: tuple[tuple[str, Value], ...] = (("reason", "new"),)
TRIM_ROUNDS = 4
"""Per commit: 2,000 entries, as many as one commit can bring, so that the file's size stays where it is."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the disk gave back. `clean`: the life before ended with a stop, not with a power cut or a kill.
    `wall_ms`: newest Unix time written with a trusted clock (0 = none). `head`, `acked`: where the chain stands."""

    memory: Memory | None = None
    clean: bool = False
    wall_ms: int = 0
    head: Head = START
    acked: int = 0


class Ledger:
    """`now` gives the instant of entries that the journal writes about itself."""

    def __init__(self, path: Path, boot: str, now: Callable[[], Instant], max_bytes: int) -> None:
        self._path, self._boot, self._now, self._max_bytes = path, boot, now, max_bytes
        self._store: Store | None = None
        self._load: Load | None = None
        self._sealed: tuple[Entry, ...] = ()
        self._saved: Memory | None = None
        self._latest: Memory | None = None
        self._beginning: tuple[tuple[str, Value], ...] = _NEW
        self._base = 0
        self._unreadable: tuple[str, ...] = ()
        self._lives = False
        self.backlog = Backlog()
        self.unchecked = False
        """The file was not closed by a stop: `check` should read it once."""

    @property
    def is_open(self) -> bool:
        return self._store is not None

    @property
    def head(self) -> Head:
        """The newest entry that is on disk, as far as known."""
        return self._store.head if self._store and self._store.head.seq else Head(self._base)

    @property
    def due(self) -> bool:
        """Something must be written without waiting for more."""
        return self._load is not None or self.backlog.urgent_ms is not None

    @property
    def urgent_ms(self) -> int | None:
        """When the oldest thing that somebody waits for was made (monotonic); None = nobody waits."""
        return self._load.urgent_ms if self._load else self.backlog.urgent_ms

    def open(self) -> Recovered:
        """Open the file, or create it. A file that is no journal is moved aside first; see `fail`."""
        self._store = store = Store(self._path)
        self._saved, unreadable = decode(store.memory())
        clean = store.notes.get("clean", 0) == 1
        self.unchecked = not clean and store.head.seq > 0
        if self.unchecked and not self._lives:
            self.backlog.own(_unfinished(store, self._now()), self._now())
        self._lives = True
        self._base = max(self._base, store.head.seq)
        if store.head.seq == 0 and self._beginning == _NEW:
            self._beginning = _beginning(self._path.with_name(before.NAME))
        if unreadable:
            record = Record(KIND, "memory", (("unreadable", unreadable),), Priority.INCIDENT)
            self.backlog.own(record, self._now())
        self._unreadable = unreadable
        self._latest = self._latest or self._saved
        return Recovered(self._saved, clean, store.trusted_wall_ms(), self.head, store.notes.get("acked", 0))

    def check(self) -> None:
        """Read the whole file once; raises DiskError `corrupt`."""
        self.unchecked = False
        self._opened().check()

    def add(self, batch: Batch) -> None:
        self._latest = batch.memory or self._latest
        self.backlog.add(batch)

    def commit(self, reason: str, clean: bool = False) -> list[Committed]:
        """Write what waits, then make room; what came to disk by it. `reason`: why a gap arose, if one did;
        `clean`: this is the last commit of this life."""
        store = self._opened()
        self._load = self._load or self.backlog.take(reason, self._now())
        done: list[Committed] = []
        if self._load is not None or clean:
            done = self._write(store, self._load or _NOTHING, clean)
        for _ in range(TRIM_ROUNDS):
            if not store.exceeds(self._max_bytes):
                break
            done.extend(self._trim(store))
        return done

    def rows(self, ask: Ask) -> tuple[Entry, ...]:
        return self._opened().rows(ask)

    def acknowledge(self, boot: str, seq: int) -> bool:
        """The centre has everything up to `seq`, an entry written in `boot`; False = it says nothing new, or speaks
        of another chain. Written down with the next commit: one lost costs one repeated sending."""
        store = self._opened()
        if not store.notes.get("acked", 0) < seq <= store.head.seq or store.boot_of(seq) != boot:
            return False
        store.notes["acked"] = seq
        return True

    def fail(self, error: DiskError) -> None:
        """Let go of the file; when the file itself is broken, go on in a new one, which says so in its first entry.
        Raises DiskError when even that is refused."""
        self.close()
        if error.word != "corrupt":
            return
        after = max(newest_seq(self._path), self._base)
        now = self._now()
        self._beginning = (("reason", "corrupt"), ("aside", move_aside(self._path)), ("after", after))
        # Numbers that the centre may have seen must not come again; without any left, Unix seconds are above them.
        self._base = after or now.wall_ms // 1000
        self.open()
        self.backlog.add(Batch(OWN, now, (), self._latest, urgent=True))

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = None

    def _opened(self) -> Store:
        if self._store is None:
            raise DiskError("failed", "the journal is not open")
        return self._store

    def _write(self, store: Store, load: Load, clean: bool) -> list[Committed]:
        if not (self._sealed and store.head == head_of(self._sealed[-1])):  # else: we only missed the disk's answer
            self._sealed = self._seal(store, load)
            memory = changes(self._saved, load.memory) if load.memory else Changes()
            memory = Changes(memory.put, (*memory.drop, *self._unreadable))
            store.notes["clean"] = int(clean)
            store.commit(self._sealed, memory)
        self._saved = load.memory or self._saved
        done = _shares(load, self._sealed)
        self._load, self._sealed, self._unreadable = None, (), ()
        self._base = store.head.seq
        return done

    def _seal(self, store: Store, load: Load) -> tuple[Entry, ...]:
        records = [(item.record, item.at) for item in load.items]
        if store.head.seq == 0:
            first = Record(KIND, "chain", self._beginning, Priority.EVIDENCE)
            records.insert(0, (first, records[0][1] if records else self._now()))
        return seal_all(records, self._boot, self.head)

    def _trim(self, store: Store) -> list[Committed]:
        now = self._now()
        entry = trim(store, lambda record: seal(record, now, self._boot, store.head))
        self._base = store.head.seq
        return [Committed(OWN, (entry,))] if entry else []


def _beginning(path: Path) -> tuple[tuple[str, Value], ...]:
    """What the first entry says. A Pi that replaces another names where the evidence of that one ended (N27); a
    word about it that cannot be read is none."""
    try:
        found = before.loads(path.read_bytes())
    except (OSError, ValueError):
        return _NEW
    return (("reason", "replaced"), ("follows", found.seq), ("follows_hash", found.hash))


def _unfinished(store: Store, now: Instant) -> Record:
    """The life before was cut off: what had waited for company, or for a disk that refused, died with it. How much
    that was nobody knows; it is younger than the newest entry."""
    (last,) = store.rows(Ask(store.head.seq - 1, store.head.seq, None, 1))
    times = (("from_wall_ms", last.wall_ms), ("from_mono_ms", last.mono_ms), ("from_boot", last.boot))
    until = (("to_wall_ms", now.wall_ms), ("to_mono_ms", now.mono_ms))
    return Record(KIND, "gap", (("reason", "unclean"), *times, *until), Priority.EVIDENCE)


_NOTHING = Load((), (), None, None)


def _shares(load: Load, entries: tuple[Entry, ...]) -> list[Committed]:
    """Give every batch its entries; those before and between are the journal's own."""
    extra = len(entries) - len(load.items)
    tokens = [OWN] * extra + [item.token for item in load.items]
    by_token: dict[int, list[Entry]] = {OWN: []}
    for token, entry in zip(tokens, entries, strict=True):
        by_token.setdefault(token, []).append(entry)
    lost = dict(load.shares)
    lost.pop(OWN, None)
    done = [Committed(OWN, tuple(by_token[OWN]))] if by_token[OWN] else []
    return done + [Committed(token, tuple(by_token.get(token, ())), lost[token]) for token in lost]
