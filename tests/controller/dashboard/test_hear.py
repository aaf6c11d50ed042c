"""Whatever bytes come, they are a value or a refusal; and what rooms really say is understood."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from controller.core.chain import Head, seal
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from controller.dashboard.recorder.hear import DEEPEST, MOST, Answer, Line, Part, Refusal, Status, hear
from controller.link import messages
from tests.controller.dashboard.rooms_that_insist import wire

ROOM = "diemcau/1/kim-son/"
AT = Instant(1_234_567, 1_784_077_200_123, Trust.NTP)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
)
_leaf = st.sampled_from(("state", "birth", "record", "reply", "gasp", "status", "update", "detail/ups", "do/x", ""))


def entry_line(seq: int = 1, head: Head | None = None, body: tuple[tuple[str, float], ...] = ()) -> bytes:
    """A record as a room sends it."""
    record = Record("alert", "codec", (("alert", "lost"), *body), Priority.INCIDENT)
    return wire(seal(record, AT, "b1", head or Head(seq - 1)))


@given(_leaf, st.binary(max_size=200))
def test_no_bytes_raise(leaf: str, payload: bytes) -> None:
    assert hear(ROOM + leaf, payload) is not None


@given(_leaf, _json)
def test_no_json_raises(leaf: str, tree: object) -> None:
    hear(ROOM + leaf, json.dumps(tree).encode())
    hear(
        ROOM + leaf, json.dumps({"v": 1, "boot": "b", "mono_s": 1, "at": "x", "args": tree, "body": tree}).encode()
    )


@given(st.text(max_size=60))
def test_no_topic_raises(topic: str) -> None:
    assert isinstance(hear(topic, b"{}"), Refusal)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_record_of_the_room_is_sound_and_an_edited_one_is_not(value: float) -> None:
    payload = entry_line(body=(("figure", value),))
    heard = hear(ROOM + "record", payload)
    assert isinstance(heard, Line)
    assert heard.sound
    edited = hear(ROOM + "record", payload.replace(b'"lost"', b'"gone"'))
    assert isinstance(edited, Line)
    assert not edited.sound


def test_what_rooms_say_is_understood() -> None:
    stamp = messages.Stamp("b1", AT)
    assert hear(ROOM + "status", b"offline", "unexpected") == Status("kim-son", False, "unexpected")
    state = hear(ROOM + "state", messages.state({"phase": "off", "seq": 4, "head": "a" * 64}, stamp))
    assert isinstance(state, Part)
    assert (state.room, state.part, state.body["phase"]) == ("kim-son", "state", "off")
    gasp = hear(ROOM + "gasp", messages.gasp("on_battery", battery_pct=80, meeting="", stamp=stamp))
    assert isinstance(gasp, Part)
    assert hear(ROOM + "gasp", b"") == Part("kim-son", "gasp", {})
    answer = hear(ROOM + "reply", b'{"v":1,"id":"x","stage":"refused","code":"use_lock","args":["R2"]}')
    assert answer == Answer("kim-son", "x", "refused", "use_lock", ("R2",))


def test_what_is_not_believed_says_why() -> None:
    state = b'{"v":1,"boot":"b","mono_s":1,"at":"t"'
    refused = {
        ("diemcau/2/kim-son/state", state + b"}"): "topic",
        ("diemcau/1/Kim Son/state", state + b"}"): "topic",
        (ROOM + "else", b"{}"): "topic",
        (ROOM + "state", b"x" * (MOST + 1)): "large",
        (ROOM + "state", b"\xff{"): "json",
        (ROOM + "state", state + b',"x":NaN}'): "json",
        (ROOM + "state", state + b',"x":"\\u0000"}'): "shape",
        (ROOM + "state", state + b',"x":"\\ud800"}'): "shape",
        (ROOM + "state", state.replace(b":1,", b":2,", 1) + b"}"): "version",
        (ROOM + "state", b'{"v":true,"boot":"b"}'): "version",
        (ROOM + "state", b'{"v":1}'): "shape",
        (ROOM + "record", entry_line()[:-1] + b',"room":"hoa-lu"}'): "room",
        (ROOM + "detail/secrets", b'{"v":1}'): "topic",
    }
    assert {key: hear(*key) for key in refused} == {key: Refusal(why) for key, why in refused.items()}


def test_markup_stays_text() -> None:
    heard = hear(ROOM + "detail/codec", b'{"v":1,"identity":"<script>alert(1)</script>"}')
    assert isinstance(heard, Part)
    assert heard.body["identity"] == "<script>alert(1)</script>"


@given(_json)
def test_what_is_believed_can_be_stored(tree: object) -> None:
    """However it is written: no NUL, no half of a pair, no number without end, nothing beyond 64 bits."""
    for ascii_ in (True, False):
        try:
            text = json.dumps({"v": 1, "boot": "b", "mono_s": 1, "at": "x", "more": tree}, ensure_ascii=ascii_)
            payload = text.encode()
        except UnicodeEncodeError:
            continue
        heard = hear(ROOM + "state", payload)
        if isinstance(heard, Part):
            assert storable(heard.body, 0)
        else:
            assert not storable(json.loads(payload), 0)


def storable(tree: object, depth: int) -> bool:
    if depth > DEEPEST:
        return False
    match tree:
        case bool() | None:
            return True
        case str():
            return "\0" not in tree and not any("\ud800" <= letter <= "\udfff" for letter in tree)
        case int():
            return abs(tree) < 2**63
        case float():
            return tree - tree == 0
        case dict():
            return all(storable(part, depth + 1) for pair in tree.items() for part in pair)
        case list():
            return all(storable(part, depth + 1) for part in tree)
    raise TypeError(tree)


def test_deep_large_and_endless_values_are_refused() -> None:
    def why(more: bytes) -> object:
        heard = hear(ROOM + "state", b'{"v":1,"boot":"b","mono_s":1,"at":"x","more":' + more + b"}")
        return heard.why if isinstance(heard, Refusal) else heard

    assert why(b"[" * 20 + b"]" * 20) == "shape"
    assert why(b"1e999") == "json"
    assert why(b"9223372036854775808") == "shape"
    assert why(b'"\\u0000"') == why(b'"\\ud800"') == "shape"
    assert isinstance(why(b"9223372036854775807"), Part)
