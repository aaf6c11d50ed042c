"""The table of calls, put together from events and lists that may be late."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.protocols.polycom_calls import MAX_CALLS, Calls
from hardware.protocols.polycom_heard import CallSeen, Roll


def listed(call_id: str, state: str = "connected") -> CallSeen:
    return CallSeen(call_id, state, "in", "10", "videocall", event=False)


def give_list(calls: Calls, *seen: CallSeen, now_ms: int = 0) -> bool:
    calls.roll(Roll("begin"), now_ms)
    for call in seen:
        calls.listed(call)
    return calls.roll(Roll("end"), now_ms)


def test_a_list_replaces_the_table() -> None:
    calls = Calls()
    calls.asked()
    assert give_list(calls, listed("1"))
    assert calls.value() == (("1", "in", "connected", "10", "videocall"),)
    calls.asked()
    assert calls.roll(Roll("empty"), 1)
    assert calls.known
    assert calls.value() == ()


def test_a_list_that_nobody_asked_for_changes_nothing() -> None:
    calls = Calls()
    assert not give_list(calls, listed("1"))
    assert calls.outdated
    assert not calls.connected


def test_a_list_that_an_event_overtook_changes_nothing() -> None:
    calls = Calls()
    calls.asked()
    calls.event(CallSeen("2", "ringing", "in"), 5)
    assert not calls.roll(Roll("empty"), 6)
    assert calls.outdated
    assert calls.has("2")


def test_a_late_answer_to_an_earlier_question_counts_as_old_as_that_question() -> None:
    calls = Calls()
    calls.asked()
    calls.event(CallSeen("2", "ringing", "in"), 5)
    calls.asked()
    assert not calls.roll(Roll("empty"), 6)


def test_an_end_without_a_begin_changes_nothing() -> None:
    calls = Calls()
    calls.asked()
    calls.listed(listed("1"))
    assert not calls.roll(Roll("end"), 0)


def test_a_question_answered_otherwise_is_forgotten() -> None:
    calls = Calls()
    calls.asked()
    calls.unasked()
    assert not calls.roll(Roll("empty"), 0)


def test_a_second_channel_that_rings_does_not_take_a_call_back() -> None:
    calls = Calls()
    calls.event(CallSeen("3", "connected", "out", "10", "videocall"), 0)
    calls.event(CallSeen("3", "ringing"), 1)
    assert calls.connected
    assert calls.value() == (("3", "out", "connected", "10", "videocall"),)


def test_a_finished_call_is_not_revived_by_its_late_events() -> None:
    calls = Calls()
    calls.event(CallSeen("3", "connected", "out"), 0)
    calls.event(CallSeen("3", "ended"), 10)
    calls.event(CallSeen("3", "connecting"), 20)
    assert not calls.has("all")
    calls.event(CallSeen("3", "ringing"), 60_000)
    assert calls.has("3")


def test_the_end_of_a_call_that_was_never_seen_is_nothing() -> None:
    calls = Calls()
    calls.event(CallSeen("9", "ending"), 0)
    assert not calls.has("9")


def test_a_word_that_is_not_known_leaves_the_state() -> None:
    calls = Calls()
    calls.asked()
    give_list(calls, listed("1", ""), listed("2", "ended"), listed("3", "ending"))
    assert [call[2] for call in calls.value() if isinstance(call, tuple)] == ["connecting", "connecting"]
    calls.event(CallSeen("1", "connected"), 1)
    calls.asked()
    give_list(calls, listed("1", ""), now_ms=2)
    assert calls.connected


def test_commands_wait_while_a_call_is_being_set_up_but_not_for_ever() -> None:
    calls = Calls()
    assert calls.setup_end_ms() < 0
    calls.dialled(1_000)
    assert calls.setup_end_ms() == 11_000
    calls.event(CallSeen("1", "ringing", "out"), 2_000)
    assert calls.setup_end_ms() == 62_000
    calls.close("1")
    assert calls.setup_end_ms() < 0
    calls.event(CallSeen("2", "connected", "out"), 3_000)
    assert calls.setup_end_ms() < 0


def test_the_table_is_bounded() -> None:
    calls = Calls()
    for number in range(40):
        calls.event(CallSeen(str(number), "ringing", "in"), 0)
    assert len(calls.ids()) == MAX_CALLS
    calls.asked()
    give_list(calls, *(listed(str(number)) for number in range(40)))
    assert len(calls.ids()) == MAX_CALLS


STATES = st.sampled_from(["ringing", "connecting", "connected", "ending", "ended", ""])


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("123"), STATES), max_size=30))
def test_only_a_call_that_was_told_as_up_is_up(events: list[tuple[str, str]]) -> None:
    calls = Calls()
    for at_ms, (call_id, state) in enumerate(events):
        calls.event(CallSeen(call_id, state, "in"), at_ms)
    assert not calls.connected or any(state == "connected" for _, state in events)
    assert all(
        call[2] in ("ringing", "connecting", "connected") for call in calls.value() if isinstance(call, tuple)
    )
