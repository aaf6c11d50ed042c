"""Is this journal as it was written? (N1, `diemcau evidence verify FILE`.)

Lives here: pure checks over entries or lines of text. Must not live here: files, SQLite, texts for people
(each finding has a code; its words are in the catalogue).

A chain proves that nothing inside it was changed *after* somebody else kept a later hash: whoever may write the
whole file can forge a whole chain. So `heads`, the pairs that the centre stored, are what the trust rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from controller.core.chain import GENESIS, KIND, Entry, Head, Unreadable, digest, head_of, parse
from hardware.contract import Value


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell: a `code` and the entries `first`…`last` that it is about; `args` for its text.

    Problems: `unreadable` (`first` is the line), `edited` (content does not match its own hash), `replaced`
    (the next entry remembers another hash), `removed`, `reordered`, `repeated`, `contradicts` (a hash that the
    centre stored is another), `cut` (the centre knows entries after the last). Notes: `begins` (an excerpt or
    a trimmed journal), `follows` (the Pi was replaced; `first` is where the old one's journal ended),
    `restarted`, `lost`, `trimmed`: gaps that the journal itself states.
    """

    code: str
    first: int
    last: int
    args: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. Without problems, everything from `first` to `head` is as it was written."""

    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    count: int
    first: int
    head: Head


def verify_lines(lines: Iterable[str], heads: Mapping[int, str] | None = None) -> Verdict:
    """As `verify`, for lines of JSON; blank lines are skipped."""
    entries: list[Entry] = []
    unreadable: list[Finding] = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            entries.append(parse(text))
        except Unreadable as error:
            unreadable.append(Finding("unreadable", number, number, (str(error),)))
    return _with(verify(entries, heads), unreadable)


def verify(entries: Iterable[Entry], heads: Mapping[int, str] | None = None) -> Verdict:
    """Check hashes, links, order and gaps; `heads` maps a sequence number to the hash that the centre stored."""
    given = tuple(entries)
    order, kept = _order(given)
    if not kept:
        return Verdict((*order, *_against(heads or {}, {})), (), 0, 0, Head())
    stated = _stated(kept)
    problems = [
        *order,
        *(Finding("edited", e.seq, e.seq) for e in kept if digest(e) != e.hash),
        *(f for before, after in pairwise(kept) for f in _between(before, after, stated)),
        *(f for before, after in pairwise(kept) for f in _passed_over(before, after, stated, heads or {})),
        *_against(heads or {}, {e.seq: e.hash for e in kept}),
    ]
    return Verdict(tuple(problems), _notes(kept), len(given), kept[0].seq, head_of(kept[-1]))


def _order(given: Sequence[Entry]) -> tuple[list[Finding], list[Entry]]:
    """Name what stands in the wrong place, then put it right, so that one move is not told as ten removals."""
    findings: list[Finding] = []
    kept: dict[int, Entry] = {}
    highest = 0
    for entry in given:
        if entry.seq in kept:
            findings.append(Finding("repeated", entry.seq, entry.seq))
            continue
        kept[entry.seq] = entry
        if entry.seq < highest:
            findings.append(Finding("reordered", entry.seq, entry.seq))
        highest = max(highest, entry.seq)
    return findings, [kept[seq] for seq in sorted(kept)]


def _between(before: Entry, after: Entry, stated: Sequence[tuple[int, int]]) -> Iterable[Finding]:
    if _starts(after):
        return
    if after.seq == before.seq + 1:
        if after.prev != before.hash and digest(before) == before.hash:
            yield Finding("replaced", before.seq, before.seq)
        return
    for first, last in _unstated(before.seq + 1, after.seq - 1, stated):
        yield Finding("removed", first, last)


def _passed_over(
    before: Entry, after: Entry, stated: Sequence[tuple[int, int]], heads: Mapping[int, str]
) -> Iterable[Finding]:
    """Anybody can write that a new chain begins: what the centre knows to have stood before it is missing all the
    same."""
    if not _starts(after):
        return
    for first, last in _unstated(before.seq + 1, after.seq - 1, stated):
        if known := [seq for seq in heads if first <= seq <= last]:
            yield Finding("removed", min(known), max(known))


def _unstated(first: int, last: int, stated: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The parts of first…last that no trim states; `stated` is sorted."""
    for low, high in stated:
        if high < first or low > last:
            continue
        if low > first:
            yield first, low - 1
        first = high + 1
    if first <= last:
        yield first, last


def _stated(kept: Sequence[Entry]) -> list[tuple[int, int]]:
    """All ranges that trims admit to have dropped; a trim can only speak of what was written before it."""
    ranges = [
        (low, high)
        for entry in kept
        if entry.kind == KIND and entry.subject == "trim"
        for low, high in ranges_of(entry)
        if high < entry.seq
    ]
    return sorted(ranges)


def ranges_of(entry: Entry) -> list[tuple[int, int]]:
    """The ranges (first, last) in a trim's body; what is not a pair of whole numbers is left out."""
    stated = dict(entry.body).get("ranges")
    pairs = stated if isinstance(stated, tuple) else ()
    found: list[tuple[int, int]] = []
    for pair in pairs:
        match pair:
            case (int() as low, int() as high):
                found.append((low, high))
    return found


def follows_of(entry: Entry) -> Head | None:
    """Where the old Pi's journal ended that this one follows, by the first entry of a chain (N27); None = it names
    none."""
    body = dict(entry.body)
    match body.get("follows"), body.get("follows_hash"):
        case (int() as seq, str() as old) if _starts(entry):
            return Head(seq, old)
    return None


def _starts(entry: Entry) -> bool:
    return entry.prev == GENESIS and entry.kind == KIND and entry.subject == "chain"


def _against(heads: Mapping[int, str], hashes: Mapping[int, str]) -> Iterable[Finding]:
    newest = max(hashes, default=0)
    for seq, stored in sorted(heads.items()):
        if seq > newest:
            yield Finding("cut", newest + 1, seq)
        elif seq in hashes and hashes[seq] != stored:
            yield Finding("contradicts", seq, seq)


def _notes(kept: Sequence[Entry]) -> tuple[Finding, ...]:
    notes: list[Finding] = []
    if not _starts(kept[0]):
        notes.append(Finding("begins", kept[0].seq, kept[0].seq))
    if old := follows_of(kept[0]):
        notes.append(Finding("follows", old.seq, old.seq, (old.hash,)))
    words = {"chain": "restarted", "gap": "lost", "trim": "trimmed"}
    for entry in kept:
        new = entry is kept[0] and (entry.subject != "chain" or entry.seq == 1)
        if entry.kind == KIND and entry.subject in words and not new:
            ranges = ranges_of(entry) or [(entry.seq, entry.seq)]
            reason = dict(entry.body).get("reason", "")
            notes.append(Finding(words[entry.subject], ranges[0][0], ranges[-1][1], (reason,)))
    return tuple(notes)


def _with(verdict: Verdict, unreadable: Sequence[Finding]) -> Verdict:
    problems = (*unreadable, *verdict.problems)
    return Verdict(problems, verdict.notes, verdict.count, verdict.first, verdict.head)
