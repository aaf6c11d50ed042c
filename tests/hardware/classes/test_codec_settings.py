"""R14: the settings of a codec, of whatever make: told at the beginning, after a restart, every hour; put back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import Reading, Value
from hardware.protocols.codec_settings import AGAIN_MS, MAX_TEXT, writable
from tests.hardware.classes.codecs import Met, SimLine
from tests.hardware.classes.test_codec_class import DONE

MINUTE_MS = 60_000


def sleeps(met: Met, minutes: int) -> bool:
    return met.value("sleep", "setting") == str(minutes)


def test_they_are_told_when_the_codec_was_met(met: Met) -> None:
    assert met.value("sleep", "setting") in ("3", "10")
    assert met.value("answer", "setting") in ("no", "On")


def test_what_the_codec_does_not_know_is_none(met: Met) -> None:
    assert met.value("none", "setting") is None


def test_a_change_is_seen_within_the_hour(met: Met) -> None:
    met.far.person_sets_sleep(30)
    met.line.run(AGAIN_MS // 2)
    assert not sleeps(met, 30)
    met.line.run(AGAIN_MS // 2 + MINUTE_MS)
    assert sleeps(met, 30)


def test_a_change_is_seen_after_its_power_came_back(met: Met) -> None:
    met.far.mains(False, met.line.now)
    met.far.person_sets_sleep(30)
    met.line.run(MINUTE_MS)
    met.far.mains(True, met.line.now)
    met.line.run(4 * MINUTE_MS)
    assert sleeps(met, 30)


@pytest.mark.lives
def test_no_setting_is_asked_for_in_a_call(met: Met) -> None:
    met.do("codec.dial", ("10.1.0.1", "h323", 1024))
    met.far.person_sets_sleep(30)
    met.line.run(2 * AGAIN_MS)
    assert not sleeps(met, 30)
    met.do("codec.hangup", "all")
    met.line.run(MINUTE_MS)
    assert sleeps(met, 30)


def test_a_setting_is_put_back(met: Met) -> None:
    assert met.do("codec.setting.sleep", "60") == DONE
    assert sleeps(met, 60)
    met.line.run(AGAIN_MS + MINUTE_MS)
    assert sleeps(met, 60)


def test_an_acknowledgement_is_not_the_effect(met: Met) -> None:
    met.far.faults.deaf = True
    assert met.do("codec.setting.sleep", "60") == [("accepted", ""), ("failed", "no_effect")]


def test_what_the_codec_refuses_is_no_done(met: Met) -> None:
    assert met.do("codec.setting.sleep", "never")[-1][0] in ("refused", "failed")
    assert met.value("sleep", "setting") in ("3", "10")


@pytest.mark.parametrize("value", ["", 3, True, 'a" | b', "a\rreboot now", " a", "x" * (MAX_TEXT + 1), None])
def test_what_may_not_be_written_is_not_sent(met: Met, value: Value) -> None:
    before = len(met.line.sent)
    assert met.do("codec.setting.sleep", value) == [("refused", "bad_value")]
    assert not [text for _, text in met.line.sent[before:] if "sleeptime" in text or "Delay" in text]


def test_a_setting_that_room_toml_does_not_list_is_not_touched(met: Met) -> None:
    assert met.do("codec.setting.password", "x") == [("refused", "unknown_target")]


@pytest.mark.lives
def test_a_bent_answer_is_no_drift(make: Callable[..., SimLine]) -> None:
    line = make()
    line.codec.faults.noise = 0.4
    line.codec.faults.split = True
    line.run(3 * AGAIN_MS)
    told = {
        value
        for r in line.reports
        if isinstance(r, Reading) and r.source == "setting"
        for name, value in r.values
        if name == "sleep"
    }
    assert told <= {"3", "10", None}


@given(st.text())
def test_only_plain_words_are_written(text: str) -> None:
    word = writable(text)
    assert word in ("", text)
    assert not set(word) & set('"|{}\r\n\x00')
