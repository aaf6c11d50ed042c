"""What the demo keeps of what it saw."""

from __future__ import annotations

import pytest

from controller.demo.story import Seen, Story


def record(seq: int, at_ms: int = 1_000, kind: str = "order", **body: object) -> Seen:
    value = {"boot": "b", "seq": seq, "mono_s": at_ms / 1000, "kind": kind, "subject": "load.codec", "body": body}
    return Seen(at_ms, "record", kind, value)


def test_a_record_that_comes_twice_is_kept_once() -> None:
    story = Story()
    for _ in range(2):
        story.add(record(1, value="on"))
    assert [row.seq for row in story.records] == [1]


def test_records_are_found_by_kind_subject_time_and_values() -> None:
    story = Story()
    story.add(record(1, 1_000, value="on"))
    story.add(record(2, 2_000, value="off"))
    assert story.has("order", "load.codec", 1_500, value="off")
    assert not story.has("order", "load.codec", 1_500, value="on")
    assert not story.has("order", "load.mixer")
    assert not story.has("proof")


def test_the_first_look_at_a_line_is_no_edge_and_lamps_are_none() -> None:
    story = Story(loads=frozenset({"codec"}))
    for name, lit in (("codec", True), ("codec", True), ("codec", False), ("ready", False), ("ready", True)):
        story.add(Seen(5, "line", name, lit))
    assert [(edge.name, edge.value) for edge in story.edges] == [("codec", False)]
    assert story.switched(False) == list(story.edges)
    assert story.switched(False, since_ms=6) == []
    assert story.lines == {"codec": False, "ready": True}


def test_truths_tell_when_and_whether_always() -> None:
    story = Story()
    for at_ms, value in ((1, False), (2, True), (3, True), (4, False)):
        story.add(Seen(at_ms, "truth", "codec.muted", value))
    assert story.when("codec.muted", True) == 2
    assert story.when("codec.muted", True, since_ms=3) is None
    assert story.always("codec.muted", False, since_ms=4)
    assert not story.always("codec.muted", False, since_ms=2)
    assert not story.always("codec.muted", True, since_ms=3)


def test_the_latest_word_of_each_source_is_kept() -> None:
    story = Story()
    story.add(Seen(1, "state", "", {"phase": "off"}))
    story.add(Seen(1, "detail", "ups", {"charge_pct": 80}))
    story.add(Seen(1, "status", "", "online"))
    story.add(Seen(1, "process", "keeper", 12))
    story.add(Seen(2, "act", "mains_away", True))
    assert (story.state["phase"], story.details["ups"], story.status) == ("off", {"charge_pct": 80}, "online")
    assert story.processes == {"keeper": 12}
    assert story.when("act.mains_away", True) == 2


def test_an_unknown_source_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Story().add(Seen(1, "rumour", "", True))
