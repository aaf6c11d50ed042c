"""N1: an edited, removed or moved entry is named; gaps that the journal states itself are notes, not faults."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from controller.core.chain import KIND, START, Entry, Head, digest, head_of, line, seal, seal_all
from controller.core.records import Priority, Record
from controller.core.verify import Finding, ranges_of, verify, verify_lines
from tests.controller.runtime.given import BOOT, at, chain, record


def problems(entries: list[Entry], heads: dict[int, str] | None = None) -> list[tuple[str, int, int]]:
    return [(found.code, found.first, found.last) for found in verify(entries, heads).problems]


def forged(entry: Entry, subject: str) -> Entry:
    changed = replace(entry, subject=subject)
    return replace(changed, hash=digest(changed))


def begun(reason: str = "new") -> Record:
    return Record(KIND, "chain", (("reason", reason),), Priority.EVIDENCE)


def test_an_untouched_chain_is_whole() -> None:
    entries = chain(9)
    verdict = verify(entries)
    assert verdict.problems == ()
    assert (verdict.count, verdict.first, verdict.head) == (9, 1, head_of(entries[-1]))


def test_nothing_is_nothing_wrong_unless_the_centre_knows_more() -> None:
    assert verify([]).problems == ()
    assert problems([], {7: "ab" * 32}) == [("cut", 1, 7)]


def test_an_edited_entry_is_named() -> None:
    entries = chain(5)
    entries[2] = replace(entries[2], subject="load.other")
    assert problems(entries) == [("edited", 3, 3)]


def test_an_entry_that_was_replaced_with_a_fitting_hash_is_named() -> None:
    entries = chain(5)
    entries[2] = forged(entries[2], "load.other")
    assert problems(entries) == [("replaced", 3, 3)]


def test_removed_entries_are_named() -> None:
    entries = chain(9)
    assert problems(entries[:3] + entries[5:]) == [("removed", 4, 5)]


def test_moved_and_repeated_entries_are_named_and_nothing_else() -> None:
    entries = chain(5)
    assert problems([entries[0], entries[2], entries[1], *entries[3:]]) == [("reordered", 2, 2)]
    assert problems([*entries, entries[1]]) == [("repeated", 2, 2)]


def test_the_last_entry_and_a_cut_end_show_only_against_what_the_centre_kept() -> None:
    entries = chain(5)
    heads = {4: entries[3].hash, 5: entries[4].hash, 2: entries[1].hash}
    assert problems(entries, heads) == []
    assert problems([*entries[:4], forged(entries[4], "x")], heads) == [("contradicts", 5, 5)]
    assert problems(entries[:3], heads) == [("cut", 4, 4), ("cut", 4, 5)]
    assert problems(entries[2:], {1: "00" * 32}) == []


def test_a_part_says_where_it_begins() -> None:
    assert verify(chain(5)[2:]).notes == (Finding("begins", 3, 3),)
    assert verify(seal_all([(begun(), at())], BOOT, START)).notes == ()


def test_a_chain_that_began_anew_is_a_note() -> None:
    old = list(seal_all([(begun(), at()), (record(1), at(1))], BOOT, START))
    new = list(seal_all([(begun("corrupt"), at(2)), (record(2), at(3))], BOOT, Head(500)))
    verdict = verify(old + new)
    assert verdict.problems == ()
    assert verdict.notes == (Finding("restarted", 501, 501, ("corrupt",)),)


def test_a_chain_that_is_said_to_begin_anew_hides_nothing_that_the_centre_knows() -> None:
    whole = chain(100)
    forged = [*whole[:30], *seal_all([(begun("corrupt"), at(101))], BOOT, Head(100))]
    heads = {seq: whole[seq - 1].hash for seq in (20, 40, 80)}
    assert problems(forged) == []
    assert problems(forged, heads) == [("removed", 40, 80)]


def test_a_file_that_begins_anew_says_so() -> None:
    after = list(seal_all([(begun("corrupt"), at(101)), (record(1), at(102))], BOOT, Head(100)))
    assert verify(after).notes == (Finding("restarted", 101, 101, ("corrupt",)),)


def trimmed(entries: list[Entry], ranges: tuple[tuple[int, int], ...]) -> list[Entry]:
    stated = Record(KIND, "trim", (("reason", "acknowledged"), ("ranges", ranges)), Priority.EVIDENCE)
    gone = {seq for low, high in ranges for seq in range(low, high + 1)}
    kept = [entry for entry in entries if entry.seq not in gone]
    return [*kept, seal(stated, at(99), BOOT, head_of(entries[-1]))]


def test_what_a_trim_states_is_not_missing_and_one_more_is() -> None:
    entries = trimmed(chain(12), ((1, 2), (5, 6), (8, 9)))
    verdict = verify(entries)
    assert verdict.problems == ()
    assert Finding("trimmed", 1, 9, ("acknowledged",)) in verdict.notes
    assert problems([entry for entry in entries if entry.seq not in (4, 7, 10)]) == [
        ("removed", 4, 4),
        ("removed", 7, 7),
        ("removed", 10, 10),
    ]


def test_a_trim_cannot_excuse_what_came_after_it() -> None:
    entries = trimmed(chain(4), ((3, 40),))
    later = [*chain(4), entries[-1]]
    assert problems([later[0], *later[2:]]) == [("removed", 2, 2)]


def test_nonsense_in_a_trim_excuses_nothing() -> None:
    for ranges in ("1-9", ((1,), (2, "3"), 4), None):
        made = seal(Record(KIND, "trim", (("ranges", ranges),)), at(), BOOT, START)
        assert ranges_of(made) == []


def test_a_stated_loss_is_a_note() -> None:
    gap = Record(KIND, "gap", (("reason", "full"),), Priority.EVIDENCE)
    entries = list(seal_all([(record(1), at()), (gap, at(5))], BOOT, START))
    assert Finding("lost", 2, 2, ("full",)) in verify(entries).notes


def test_lines_are_read_and_bad_ones_named() -> None:
    lines = [line(entry) + "\n" for entry in chain(3)]
    assert verify_lines(lines).problems == ()
    lines.insert(1, "\n")
    lines[2] = lines[2].replace("load", "lamp")
    lines.append("{}\n")
    assert [(found.code, found.first) for found in verify_lines(lines).problems] == [
        ("unreadable", 5),
        ("edited", 2),
    ]


@given(st.integers(2, 12), st.data())
def test_any_one_interference_is_noticed(count: int, data: st.DataObject) -> None:
    entries = chain(count)
    heads = {count: entries[-1].hash}
    index = data.draw(st.integers(0, count - 1))
    match data.draw(st.sampled_from(("edit", "forge", "remove", "move", "repeat"))):
        case "edit":
            entries[index] = replace(entries[index], wall_ms=0)
        case "forge":
            entries[index] = forged(entries[index], "load.other")
        case "remove":
            index = max(index, 1)  # a missing beginning is a note: it may be an excerpt
            del entries[index]
        case "move":
            entries.insert((index + 1) % count, entries.pop(index))
        case "repeat":
            entries.insert(index, entries[index])
    assert verify(entries, heads).problems
