"""What must survive a restart goes to rows and comes back; a bad row costs only itself."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.meeting import Booked, Meeting, Policy, Role
from controller.core.memory import Hold, Kept, Memory, Refusal, Told
from controller.core.records import Because, Reply
from controller.runtime.memory_json import Changes, changes, decode, encode
from tests.controller.runtime.given import plain_values, texts

MEETING = Meeting(
    "u1", "Họp giao ban", 1_790_000_000_000, 1_790_000_360_000, breaks=((1, 2),), numbers=("10.0.0.1",)
)
FULL = Memory(
    boot="b1",
    seq=7,
    meetings=(MEETING, Meeting("u2", "Tập huấn", 5, 6, Role.CHAIR, Policy.OPEN, True, True, True, True)),
    edge_ms=99,
    version="v3",
    booked=(Booked(MEETING, 1, 2, 3, 4, ((5, 6),), "late"),),
    holds={"power": Hold("power", ("load.codec",), "on", 50, Because("R1", "r1.press", ("power", 1)), 10, 20, 30)},
    marks={"r2.idle": Kept(True, 5, (1, 2, 3)), "r5.mains": Kept(("on", 1.5, None), 6)},
    off_ms={"load.codec": 4},
    modes={"R9": "remind"},
    replies=(Reply("01A", "accepted"), Reply("01A", "done", "", (1, "x")), Reply("01B", "refused", "use_lock")),
    alerts=(("mains.lost", "room"),),
    over=("u0",),
    told={"codec.mute": Told("muted", (3, 4), 1_790_000_000_000), "camera.preset": Told(1, (5,))},
    given_up={"codec.mute": 9},
    refusals=(
        Refusal(("bad_args", "desk", "do/power"), "bad_args", ("value", 3), 5, 3, 40),
        Refusal((), "bad_json", (), 6),
    ),
)

whole = st.integers(-(1 << 62), 1 << 62)
spans = st.lists(st.tuples(whole, whole), max_size=2).map(tuple)
meetings = st.builds(
    Meeting,
    texts,
    texts,
    whole,
    whole,
    st.sampled_from(Role),
    st.sampled_from(Policy),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.lists(texts, max_size=2).map(tuple),
    spans,
)
values_of = st.lists(plain_values, max_size=2).map(tuple)
replies = st.builds(Reply, texts, texts, texts, values_of)
holds = st.builds(
    Hold,
    texts,
    st.lists(texts, max_size=2).map(tuple),
    plain_values,
    whole,
    st.builds(Because, texts, texts, values_of),
    whole,
    whole,
    whole,
)
memories = st.builds(
    Memory,
    texts,
    whole,
    st.lists(meetings, max_size=2).map(tuple),
    whole,
    texts,
    st.lists(st.builds(Booked, meetings, whole, whole, whole, whole, spans, texts), max_size=2).map(tuple),
    st.dictionaries(texts, holds, max_size=2),
    st.dictionaries(
        texts, st.builds(Kept, plain_values, whole, st.lists(whole, max_size=8).map(tuple)), max_size=2
    ),
    st.dictionaries(texts, whole, max_size=2),
    st.dictionaries(texts, texts, max_size=2),
    st.lists(replies, max_size=3).map(tuple),
    st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.dictionaries(
        texts, st.builds(Told, plain_values, st.lists(whole, max_size=12).map(tuple), whole), max_size=2
    ),
    st.dictionaries(texts, whole, max_size=2),
)


def applied(rows: dict[str, str], change: Changes) -> dict[str, str]:
    """What the disk does with a change: written rows come to the end."""
    gone = {*change.drop, *(key for key, _ in change.put)}
    return {key: text for key, text in rows.items() if key not in gone} | dict(change.put)


@settings(max_examples=60)
@given(memories)
def test_every_memory_comes_back(memory: Memory) -> None:
    back, bad = decode(encode(memory).items())
    assert bad == ()
    assert back == memory
    assert encode(back) == encode(memory)  # texts tell 1 from True and 1.0, which compare equal


@settings(max_examples=60)
@given(memories, memories)
def test_a_change_leads_from_one_memory_to_the_other(before: Memory, after: Memory) -> None:
    rows = applied(encode(before), changes(before, after))
    assert rows == encode(after)
    assert not changes(after, replace(after))


@settings(max_examples=60)
@given(memories, st.lists(replies, max_size=8), st.integers(0, 3), st.data())
def test_a_step_writes_what_the_whole_would(
    before: Memory, answers: list[Reply], gone: int, data: st.DataObject
) -> None:
    """As the core goes on: most objects stay, answers leave at one end and come at the other, some marks go.
    Whatever is left out because it is the same object, the rows end as those of the memory written anew."""
    split = data.draw(st.integers(0, len(answers)))
    before = replace(before, replies=tuple(answers[:split]))
    names = data.draw(st.sets(st.sampled_from([*before.marks, ""])))
    after = replace(
        before,
        seq=before.seq + 1,
        marks={name: kept for name, kept in before.marks.items() if name not in names},
        holds=dict(list(before.holds.items())[gone:]),
        replies=(*before.replies, *answers[split:])[gone:],
    )
    change = changes(before, after)
    assert applied(encode(before), change) == encode(after)
    assert len(change.put) <= 1 + len(answers)


ANSWERS = [Reply("a", "accepted"), Reply("a", "done"), Reply("b", "done"), Reply("\udcff", "done"), Reply("?", "x")]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(ANSWERS), max_size=6), st.integers(0, 6))
def test_an_answer_that_shares_an_id_is_not_lost_with_another(answers: list[Reply], gone: int) -> None:
    """One command may be answered twice, and what has no text becomes a question mark."""
    before = replace(FULL, replies=tuple(answers))
    after = replace(before, replies=(*answers[gone:], Reply("a", "failed"), Reply("d", "done")))
    assert applied(encode(before), changes(before, after)) == encode(after)


def test_names_without_text_share_a_row_and_the_last_one_stays_in_it() -> None:
    before = replace(FULL, marks={"\udcff": Kept(1, 2), "?": Kept(3, 4)})
    after = replace(before, marks={"\udcff": before.marks["\udcff"]})
    assert applied(encode(before), changes(before, after)) == encode(after)


def test_a_full_memory_comes_back() -> None:
    """`FULL` must name every field: one that is added to Memory and forgotten here would be lost in silence."""
    empty = Memory("", 0)
    assert all(getattr(FULL, part.name) != getattr(empty, part.name) for part in fields(Memory))
    assert decode(encode(FULL).items()) == (FULL, ())


def test_only_what_changed_is_written() -> None:
    after = replace(
        FULL, marks={**FULL.marks, "r2.idle": Kept(False, 9)}, replies=(*FULL.replies[1:], Reply("01C", "done"))
    )
    change = changes(FULL, after)
    assert [key for key, _ in change.put] == ["mark/r2.idle", "reply/01A", "reply/01C"]
    assert change.drop == ("reply/01A/",)
    assert changes(FULL, replace(FULL, seq=8)).put == (("life", '["b1",8]'),)
    assert changes(replace(FULL, holds={}), FULL).put[0][0] == "hold/power"
    assert not changes(FULL, FULL)
    assert changes(None, FULL)


@pytest.mark.parametrize("other", [1, 1.0, "True", None, (True,)])
def test_equal_values_of_other_types_are_a_change(other: object) -> None:
    mark = Kept(other, 5, (1, 2, 3))  # type: ignore[arg-type]
    assert [key for key, _ in changes(FULL, replace(FULL, marks={**FULL.marks, "r2.idle": mark})).put] == [
        "mark/r2.idle"
    ]


def test_what_has_no_text_is_written_all_the_same() -> None:
    odd = Memory("b", 1, marks={"a\udc80": Kept(float("nan"), 1)}, replies=(Reply("\udc80", "done"),))
    back, bad = decode(encode(odd).items())
    assert bad == ()
    assert back is not None
    assert back.marks == {"a?": Kept("nan", 1)}
    assert back.replies == (Reply("?", "done"),)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("mark/x", "{"),
        ("mark/x", "[" * 100_000),
        ("mark/x", "[]"),
        ("mark/x", '{"value":1}'),
        ("refusals", '[{"kind":[],"code":"","args":[]}]'),
        ("mark/x", '{"value":1,"since_ms":1,"more":2}'),
        ("mark/x", '{"value":{},"since_ms":1}'),
        ("mark/x", '{"value":1,"since_ms":true}'),
        ("mark/x", '{"value":1,"since_ms":1,"rises_ms":1}'),
        ("off", "[]"),
        ("off", '{"a":1.5}'),
        ("modes", '{"a":1}'),
        ("alerts", '[["a"]]'),
        ("booked", "{}"),
        ("calendar", '[1,"v",[{"uid":1}]]'),
        ("calendar", '[1,"v"]'),
        ("hold/x", "{}"),
        ("reply/x", '{"id":"a"}'),
        ("told/x", '{"value":"on"}'),
        ("told/x", '{"value":"on","at_ms":[1.5]}'),
        ("given_up", '{"a":"b"}'),
        ("tomorrow", "{}"),
    ],
)
def test_a_bad_row_is_left_out_and_named(key: str, text: str) -> None:
    rows = encode(Memory("b1", 7)) | {key: text}
    assert decode(rows.items()) == (Memory("b1", 7), (key,))


@pytest.mark.parametrize(
    ("name", "bad"), [("role", '"king"'), ("presents", "1"), ("breaks", "[[1]]"), ("uid", "null")]
)
def test_a_bad_word_in_a_meeting_costs_the_calendar_only(name: str, bad: str) -> None:
    rows = encode(FULL)
    plain = json.loads(rows["calendar"])
    plain[2][0][name] = json.loads(bad)
    rows["calendar"] = json.dumps(plain)
    back, named = decode(rows.items())
    assert named == ("calendar",)
    assert back == replace(FULL, meetings=(), edge_ms=0, version="")


def test_without_knowing_whose_times_these_are_nothing_is_believed() -> None:
    rows = encode(FULL)
    del rows["life"]
    assert decode(rows.items()) == (None, ())
    assert decode([]) == (None, ())
    assert decode([("life", '["b1"]')]) == (None, ("life",))


def test_a_row_of_an_older_version_takes_defaults() -> None:
    rows = encode(Memory("b1", 7)) | {
        "mark/x": '{"since_ms":1,"value":"on"}',
        "reply/y": '{"id":"y","stage":"done"}',
    }
    back, bad = decode(rows.items())
    assert bad == ()
    assert back == Memory("b1", 7, marks={"x": Kept("on", 1)}, replies=(Reply("y", "done"),))


@given(
    st.lists(
        st.tuples(st.sampled_from(("life", "calendar", "booked", "mark/a", "hold/b", "x")), st.text()), max_size=4
    )
)
def test_any_rows_are_read_without_raising(rows: list[tuple[str, str]]) -> None:
    back, bad = decode(rows)
    assert back is None or isinstance(back, Memory)
    assert set(bad) <= {key for key, _ in rows}
