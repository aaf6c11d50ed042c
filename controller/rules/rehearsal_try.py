"""R6 — what a rehearsal tries with its codec: a call to `codec.test_address`, and the audio meter (Đ8.1 b3, Đ8.2).

The call is made with the microphone proven closed, is looked at for ten seconds and is ended by its id; whatever
disturbs the rehearsal ends it too, and so does a call that comes up too late. The meter listens at one input: a
level that moves is a microphone that lives. Silence where nobody is there to speak is no fault: then the check
could not be made. When somebody has pressed KIỂM TRA to look on, it has failed. Levels have no unit: makes differ.
With `codec.test_output` the meter listens during the call as well, to what the codec sends to its loudspeakers: a
level that moves came from the far end. One that stands still says nothing, for nobody may have spoken there.
Must not: dial while anybody else's call is up, open a microphone, or switch a loudspeaker on (rehearsal.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.checks import AUDIO, SPEAKER, TEST_CALL
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Proof
from controller.core.view import UNKNOWN, View
from controller.core.words import Demand, Mark, Yield
from controller.rules.common import STARTING_MS
from controller.rules.line import failing
from hardware.contract import Value

STEP = "test_step"
"""The mark: '', 'dial', 'up', 'listen'."""
TALK = "test_talk"
"""The mark: id of the call that is the rehearsal's own."""
LEVELS = "test_levels"
"""The mark: (lowest, highest) level that the meter has told."""
DIAL, METER, HANGUP = "codec.dial", "codec.audiometer", "codec.hangup"
CALLING_MS = 60_000
"""A far end that has not answered by then will not."""
UP_MS = 10_000
"""Two looks of the codec's own statistics."""
LISTEN_MS = 25_000
"""The meter tells a level each second, and its first one at last after twenty."""
_CALL = Because("R6", "R6.test_call")
_AUDIO = Because("R6", "R6.test_audio")
_SPEAKER = Because("R6", "R6.test_speaker")
_ENDS = Because("R6", "R6.test_ends")


def untried(v: View) -> tuple[str, ...]:
    """Marks of what this rehearsal still has to try."""
    calls = bool(v.room.rehearsal.test_address) and DIAL in v.room.targets
    kinds = ((TEST_CALL, calls), (AUDIO, METER in v.room.targets))
    return tuple(mark for mark, applies in kinds if applies and not v.mark(mark))


def forget() -> Iterator[Yield]:
    """A rehearsal begins: nothing has been tried."""
    for mark in (TEST_CALL, AUDIO, SPEAKER, STEP, LEVELS):
        yield Mark(mark, "")


def give_up(marks: tuple[str, ...]) -> Iterator[Yield]:
    """There is no more time for these."""
    for mark in marks:
        yield from _result(mark, "not_made", None, "no_time")


def attempt(v: View) -> Iterator[Yield]:
    """The next step of what is still untried: the call first, and the meter when it has ended."""
    rest = untried(v)
    if TEST_CALL in rest:
        yield from _call(v)
    elif rest and not own_calls(v):
        yield from _listen(v)


def own_calls(v: View) -> tuple[Value, ...]:
    """Ids of calls that the rehearsal has made."""
    rows = v.get("codec.calls")
    known = rows if isinstance(rows, tuple) else ()
    return tuple(row[0] for row in known if isinstance(row, tuple) and is_own(v, row))


def is_own(v: View, row: Value) -> bool:
    """A call out to the test address, dialled by a rehearsal that is on, or known from one."""
    if not isinstance(row, tuple) or len(row) < 4 or row[1] != "out":
        return False
    address = v.room.rehearsal.test_address
    dialled = bool(v.mark("rehearsal")) and bool(address) and address in str(row[3])
    return dialled or (v.mark(TALK) not in (None, "") and v.mark(TALK) == row[0])


def ends(v: View) -> Iterator[Yield]:
    """Always asked, also when the rehearsal is over: its call ends by its id, its meter falls silent."""
    own = own_calls(v)
    talk = own[0] if own else "" if v.get("codec.calls") is not UNKNOWN else v.mark(TALK)
    if talk != (v.mark(TALK) or ""):
        yield Mark(TALK, talk)
    running = v.mark("rehearsal")
    looks = isinstance(running, tuple) and bool(running) and running[0] == "look"
    if own and not (looks and v.mark(STEP) in ("dial", "up")):
        # Above our own wish for *all* of a closing, which is refused in a call.
        yield Demand(HANGUP, own[0], Rank.SCHEDULE, _ENDS)
    meter = v.track(METER)
    if meter is not None and meter.want is not None and not _listens(v) and running:
        off = meter.want == "off" and meter.proof in (Proof.DONE, Proof.PROVEN, Proof.FAILED, Proof.NA)
        yield from () if off else (Demand(METER, "off", Rank.IDLE, _AUDIO),)


def _listens(v: View) -> bool:
    """The meter is to tell levels now."""
    return v.mark(STEP) == "listen" or (v.mark(STEP) == "up" and _outputs(v))


def _outputs(v: View) -> bool:
    """The codec can tell what it sends to its loudspeakers, and somebody wants to know."""
    return bool(v.room.rehearsal.test_output) and METER in v.room.targets


def _result(mark: str, result: str, figure: Value, why: str) -> Iterator[Yield]:
    yield Mark(mark, (result, figure, why))
    yield Mark(STEP, "")


def _call(v: View) -> Iterator[Yield]:
    step = v.mark(STEP)
    if not step:
        why = _cannot(v)
        yield from _result(TEST_CALL, "not_made", None, why) if why else (Mark(STEP, "dial"),)
    elif step == "dial":
        yield from _dial(v)
    elif not _connected(v):
        yield from _result(TEST_CALL, "failed", None, "dropped")
    elif v.held(STEP, "up", LISTEN_MS if _outputs(v) else UP_MS):
        rate = v.number("codec.rate_kbps")
        if _outputs(v):
            yield from _sounded(v.mark(LEVELS))
        yield from _result(TEST_CALL, "passed", rate or None, "")
    elif _outputs(v):
        yield from _level(v, v.room.rehearsal.test_output)
        yield Demand(METER, v.room.rehearsal.test_output, Rank.IDLE, _SPEAKER)


def _cannot(v: View) -> str:
    """Why nobody can be called, '' = nothing is in the way."""
    reasons = (
        ("no_word", v.get("codec.answers") is not True or v.get("codec.calls") is UNKNOWN),
        ("mic_open", v.get("codec.mute") != "muted"),
        ("line_down", bool(failing(v) or v.mark("line.part"))),
    )
    return next((why for why, so in reasons if so), "")


def _dial(v: View) -> Iterator[Yield]:
    if _connected(v):
        yield Mark(STEP, "up")
        return
    redial = v.room.redial
    address = (v.room.rehearsal.test_address, redial.protocol, redial.kbps)
    track = v.track(DIAL)
    if track is not None and track.want == address and track.proof is Proof.FAILED and not own_calls(v):
        timeout = track.failed == "timeout"
        word = ("not_made", None, "no_word") if timeout else ("failed", track.failed, "refused")
        yield from _result(TEST_CALL, *word)
    elif v.held(STEP, "dial", CALLING_MS):
        yield from _result(TEST_CALL, "failed", None, "no_answer")
    elif not _before_us(v):
        yield Demand(DIAL, address, Rank.IDLE, _CALL)


def _before_us(v: View) -> bool:
    """This life has dialled nobody yet, and an earlier one may have: its call is there, or may still come up."""
    track = v.track(DIAL)
    return (track is None or track.sent is None) and (bool(own_calls(v)) or not v.up_for(STARTING_MS))


def _connected(v: View) -> bool:
    rows = v.get("codec.calls")
    known = rows if isinstance(rows, tuple) else ()
    return any(isinstance(row, tuple) and is_own(v, row) and row[2] == "connected" for row in known)


def _listen(v: View) -> Iterator[Yield]:
    if v.mark(STEP) != "listen":
        yield Mark(STEP, "listen")
        return
    kept = v.mark(LEVELS)
    yield from _level(v, v.room.rehearsal.test_input)
    track = v.track(METER)
    refused = track is not None and track.want != "off" and track.proof is Proof.FAILED and kept in (None, "")
    if refused or v.held(STEP, "listen", LISTEN_MS):
        yield from _heard(v, kept)
    else:
        yield Demand(METER, v.room.rehearsal.test_input, Rank.IDLE, _AUDIO)


def _level(v: View, side: str) -> Iterator[Yield]:
    """Remember the lowest and the highest. Of a meter with two places the other one is old news."""
    track = v.track(METER)
    if _outputs(v) and (track is None or track.want != side or v.older("codec.mic_level", track.sent_ms)):
        return
    level, kept = v.number("codec.mic_level"), v.mark(LEVELS)
    low, high = kept if isinstance(kept, tuple) and len(kept) == 2 else (level, level)
    if level is not None and isinstance(low, int | float) and isinstance(high, int | float):
        yield Mark(LEVELS, (min(low, level), max(high, level)))


def _sounded(levels: Value) -> Iterator[Yield]:
    """What went to the loudspeakers; the microphone's turn begins without a level."""
    if not isinstance(levels, tuple):
        yield Mark(SPEAKER, ("not_made", None, "no_level"))
    elif levels[0] != levels[1]:
        yield Mark(SPEAKER, ("passed", levels[1], ""))
    else:
        yield Mark(SPEAKER, ("not_made", levels[1], "far_silent"))
    yield Mark(LEVELS, "")


def _heard(v: View, levels: Value) -> Iterator[Yield]:
    """Of an input that moved; of one that stood still; of a meter that said nothing."""
    if not isinstance(levels, tuple):
        yield from _result(AUDIO, "not_made", None, "no_level")
    elif levels[0] != levels[1]:
        yield from _result(AUDIO, "passed", levels[1], "")
    elif v.mark("attended"):
        yield from _result(AUDIO, "failed", levels[1], "no_sound")
    else:
        yield from _result(AUDIO, "not_made", levels[1], "nobody_spoke")
