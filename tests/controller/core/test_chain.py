"""N1: the chain's text is the same on every machine, and nothing can be changed in it unseen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.chain import (
    GENESIS,
    START,
    Head,
    Unreadable,
    canonical,
    clean,
    digest,
    head_of,
    line,
    parse,
    seal,
    seal_all,
)
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from tests.controller.runtime.given import BOOT, at, chain, record, texts, values

GOLDEN = (
    '{"body":{"lý do":"họp giao ban","n":1,"ratio":0.5},"boot":"b1","hash":"HASH","kind":"order","mono_ms":1500,'
    '"prev":"PREV","priority":"evidence","seq":1,"subject":"load.codec","trust":"rtc","wall_ms":1790000000000}'
).replace("PREV", GENESIS)


def golden() -> str:
    bare = GOLDEN.replace('"hash":"HASH",', "")
    return GOLDEN.replace("HASH", hashlib.sha256(bare.encode("utf-8")).hexdigest())


def test_an_entry_is_written_as_agreed_byte_for_byte() -> None:
    body = (("ratio", 0.5), ("n", 1), ("lý do", "họp giao ban"))
    made = seal(
        Record("order", "load.codec", body, Priority.EVIDENCE),
        Instant(1500, 1_790_000_000_000, Trust.RTC),
        "b1",
        START,
    )
    assert line(made) == golden()
    assert parse(golden()) == made
    assert digest(made) == made.hash


def test_a_chain_is_linked_and_counts_on() -> None:
    first, second = seal_all([(record(1), at(1)), (record(2), at(2))], BOOT, Head(41, "ab" * 32))
    assert (first.seq, first.prev, second.seq, second.prev) == (42, "ab" * 32, 43, first.hash)
    assert head_of(second) == Head(43, second.hash)
    assert seal_all([], BOOT, START) == ()


def test_a_name_that_comes_twice_keeps_its_last_value() -> None:
    made = seal(Record("order", "x", (("a", 1), ("a", 2))), at(), BOOT, START)
    assert made.body == (("a", 2),)


@given(st.text(max_size=5), st.lists(st.tuples(texts, values), max_size=4), st.sampled_from(Priority))
def test_whatever_is_recorded_reads_back_the_same(
    subject: str, body: list[tuple[str, None]], priority: Priority
) -> None:
    made = seal(Record("k", subject, tuple(body), priority), at(), BOOT, START)
    text = line(made)
    assert text.encode("utf-8")
    assert parse(text + "\n") == made
    assert digest(parse(text)) == made.hash


def test_numbers_that_json_lacks_become_their_names() -> None:
    assert clean((float("nan"), (float("-inf"), 1.5), True)) == ("nan", ("-inf", 1.5), True)
    assert clean("nhi\udcffệt") == "nhi?ệt"
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("inf"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "exactly"),
        ("{}", "exactly"),
        (golden().replace('"seq":1', '"seq":1.0'), "seq is not a whole"),
        (golden().replace('"seq":1', '"seq":true'), "seq is not a whole"),
        (golden().replace('"order"', "7"), "kind is not text"),
        (golden().replace("load.codec", "\\ud800"), "subject is not text"),
        (golden().replace('"rtc"', '"gps"'), "trust is none"),
        (golden().replace('"rtc"', '"RTC"'), "canonical"),
        (golden().replace('"evidence"', '"urgent"'), "priority is none"),
        (golden().replace(GENESIS, "0" * 63), "prev is not 64"),
        (golden().replace(GENESIS, "G" * 64), "prev is not 64"),
        (golden().replace('{"lý do":"họp giao ban","n":1,"ratio":0.5}', "[]"), "body is not an object"),
        (golden().replace("0.5", "NaN"), "neither text"),
        (golden().replace("0.5", "{}"), "neither text"),
        (golden().replace('"n":1,', '"n":1, '), "canonical"),
        (golden().replace('"n":1,', '"n":1,"n":1,'), "canonical"),
    ],
)
def test_a_line_that_is_no_entry_says_which_part(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        parse(text)


@given(st.binary(max_size=60))
def test_garbage_is_unreadable_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(noise.decode("utf-8", "replace"))


@given(st.integers(0, 400), st.characters(codec="utf-8"))
def test_no_single_character_can_be_changed_unseen(place: int, other: str) -> None:
    text = line(chain(1)[0])
    place %= len(text)
    changed = text[:place] + other + text[place + 1 :]
    if changed != text:
        try:
            entry = parse(changed)
        except Unreadable:
            return
        assert digest(entry) != entry.hash


def test_the_hash_covers_every_field() -> None:
    entry = chain(1)[0]
    for name, other in json.loads(line(replace(entry, body=()))).items():
        if name in ("hash", "trust", "priority", "body"):
            continue
        changed = replace(entry, **{name: other + (1 if isinstance(other, int) else "x")})
        assert digest(changed) != entry.hash
    assert digest(replace(entry, trust=Trust.HELD)) != entry.hash
    assert digest(replace(entry, priority=Priority.TELEMETRY)) != entry.hash
    assert digest(replace(entry, body=())) != entry.hash
