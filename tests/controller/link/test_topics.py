"""Topic names and slugs."""

from __future__ import annotations

import pytest

from controller.link.topics import PARTS, Topics, is_answerable, is_slug

HERE = Topics("kim-son-1")


@pytest.mark.parametrize("slug", ["a", "0", "kim-son-1", "x" * 40])
def test_a_slug_may_name_a_room(slug: str) -> None:
    assert is_slug(slug)


@pytest.mark.parametrize("slug", ["", "-a", "A", "kim_son", "x" * 41, "a/b", "a+", "xã", "a\n", "_centre"])
def test_what_is_no_slug_names_no_room(slug: str) -> None:
    assert not is_slug(slug)
    with pytest.raises(ValueError, match="use a-z"):
        Topics(slug)


def test_topics_are_those_of_the_contract() -> None:
    assert HERE.of("state") == "diemcau/1/kim-son-1/state"
    assert HERE.detail("ups") == "diemcau/1/kim-son-1/detail/ups"
    assert HERE.commands == "diemcau/1/kim-son-1/do/#"
    assert HERE.discovery == "homeassistant/device/kim-son-1/config"
    assert len(set(PARTS)) == len(PARTS)


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("diemcau/1/kim-son-1/do/power", ("do", "power")),
        ("diemcau/1/kim-son-1/do/a/b", ("do", "a/b")),
        ("diemcau/1/kim-son-1/do/", ("do", "")),
        ("diemcau/1/kim-son-1/ack", ("ack", "")),
        ("diemcau/1/kim-son-1/calendar", ("calendar", "")),
        ("diemcau/1/kim-son-1/certificate", ("certificate", "")),
        ("diemcau/1/_centre/status", ("centre", "")),
        ("homeassistant/status", ("home", "")),
        ("diemcau/1/kim-son-10/do/power", ("", "diemcau/1/kim-son-10/do/power")),
        ("", ("", "")),
    ],
)
def test_arriving_topics_are_told_apart(topic: str, kind: tuple[str, str]) -> None:
    assert HERE.kind(topic) == kind


@pytest.mark.parametrize("topic", ["diemcau/1/a/reply", "desk/7"])
def test_an_answer_goes_to_a_plain_topic(topic: str) -> None:
    assert is_answerable(topic)


@pytest.mark.parametrize("topic", ["", "a/#", "a/+/b", "$SYS/x", "a\0b", "x" * 257, "diemcau/1/b/do/power"])
def test_an_answer_goes_nowhere_it_could_act(topic: str) -> None:
    assert not is_answerable(topic)
