"""A class that compiles late is the class that the standard library makes, seen from anywhere."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
import types
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.late_methods import late_methods

SOURCE = """
from __future__ import annotations
from dataclasses import dataclass, field

@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: object = 7
    seen: list[int] = field(default_factory=list, compare=False, repr=False)

@dataclass(frozen=True, slots=True, order=True)
class Ranked:
    a: int
    b: str = ""

@dataclass(frozen=True, slots=True)
class Child(Point):
    z: int = 0

@dataclass
class Open:
    n: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        self.twice = 2 * self.n

@dataclass(eq=False)
class Own:
    n: int

    def __repr__(self) -> str:
        return "own"

@dataclass(slots=True, kw_only=True)
class Named:
    n: int
"""
NAMES = ("Point", "Ranked", "Child", "Open", "Own", "Named")
HOOKED = hasattr(dataclasses, "_create_fn")


def module(name: str, late: bool) -> types.ModuleType:
    found = types.ModuleType(name)
    sys.modules[name] = found
    with late_methods() if late else nullcontext():
        exec(SOURCE, found.__dict__)
    return found


@pytest.fixture
def both() -> Iterator[tuple[Any, Any]]:
    """(late, the library's own), fresh for each test: a method is compiled once."""
    yield module("made_late", True), module("made_at_once", False)
    del sys.modules["made_late"], sys.modules["made_at_once"]


def outcome(act: Any) -> object:
    """What a call gives or raises, in words that name neither module."""
    try:
        found = act()
    except (TypeError, AttributeError) as error:  # FrozenInstanceError is one of the latter
        return type(error), str(error)
    return str(found).replace("made_late", "made_at_once")


ACTS = (
    lambda m: m.Point(1),
    lambda m: m.Point(),
    lambda m: m.Point(1, 2, 3, 4),
    lambda m: m.Point(y=1, x=2),
    lambda m: m.Point(1, q=2),
    lambda m: repr(m.Child(1, z=3)),
    lambda m: m.Point(1) == m.Point(1),
    lambda m: m.Point(1) == m.Child(1),
    lambda m: m.Point(1) == 1,
    lambda m: hash(m.Point(1)) == hash(m.Point(1, 7)),
    lambda m: hash(m.Open(1)),
    lambda m: setattr(m.Point(1), "x", 2),
    lambda m: setattr(m.Child(1), "z", 2),
    lambda m: setattr(m.Point(1), "other", 2),
    lambda m: delattr(m.Point(1), "x"),
    lambda m: m.Open(3).twice,
    lambda m: (m.Own(1), m.Own(1) == m.Own(1), m.Own.__repr__(m.Own(2))),
    lambda m: sorted([m.Ranked(2), m.Ranked(1, "b"), m.Ranked(1, "a")]),
    lambda m: m.Ranked(1) < m.Open(2),
    lambda m: m.Named(1),
    lambda m: m.Named(n=1),
    lambda m: dataclasses.replace(m.Child(1, z=2), x=5),
    lambda m: dataclasses.asdict(m.Child(1, [2])),
    lambda m: copy.deepcopy(m.Child(1, [2])),
    lambda m: pickle.loads(pickle.dumps(m.Child(1, [2]))),
    lambda m: [m.Point(1).seen is m.Point(1).seen, m.Point.__match_args__, m.Point.__slots__],
    lambda m: [(f.name, f.type, f.init, f.compare) for f in dataclasses.fields(m.Child)],
    lambda m: [str(getattr(m, name).__dataclass_params__) for name in NAMES],
    lambda m: [getattr(m, name).__init__.__qualname__ for name in NAMES],
    lambda m: m.Point.__init__(m.Point(1), 2),
    lambda m: m.Point.__eq__(m.Child(1), m.Child(1)),
)


@pytest.mark.parametrize("act", ACTS)
def test_a_late_class_does_what_the_librarys_does(both: tuple[Any, Any], act: Any) -> None:
    late, once = both
    assert outcome(lambda: act(late)) == outcome(lambda: act(once))
    assert outcome(lambda: act(late)) == outcome(lambda: act(once))  # and again, when it is compiled


@given(st.integers(), st.one_of(st.integers(), st.text(), st.none(), st.tuples(st.integers())))
def test_equal_and_hash_of_any_values(x: int, y: object) -> None:
    late, once = module("made_late", True), module("made_at_once", False)
    for made in (late, once):
        assert made.Point(x, y) == made.Point(x, y)
        assert made.Point(x, y) != made.Point(x + 1, y)
    assert hash(late.Point(x, y)) == hash(once.Point(x, y))
    assert repr(late.Point(x, y)) == repr(once.Point(x, y))


@pytest.mark.skipif(not HOOKED, reason="this Python compiles a class at once")
def test_a_method_is_compiled_by_its_first_call_and_then_stands_in_its_class(both: tuple[Any, Any]) -> None:
    point = both[0].Point
    late = point.__init__
    child = both[0].Child(1)  # its own __init__; the base's stays late
    assert point.__init__ is late
    point.__init__(child, 2)  # called through a class that inherits
    assert (child.x, point.__init__ is late) == (2, False)
    assert "seen" in point.__init__.__code__.co_varnames


def test_a_base_that_stands_elsewhere_keeps_its_late_methods_working(both: tuple[Any, Any]) -> None:
    point = both[0].Point

    class Under(point):  # type: ignore[misc, valid-type]
        pass

    assert (Under(1).x, Under(1) == Under(1), hash(Under(1)) == hash(point(1))) == (1, True, True)


def test_the_library_is_as_before_after_the_block_however_it_ends() -> None:
    before = getattr(dataclasses, "_create_fn", None)
    with pytest.raises(ZeroDivisionError):
        _fails_inside(before)
    assert getattr(dataclasses, "_create_fn", None) is before


def _fails_inside(before: object) -> None:
    with late_methods():
        assert (getattr(dataclasses, "_create_fn", None) is before) is not HOOKED
        raise ZeroDivisionError


def test_without_the_hook_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(dataclasses, "_create_fn", raising=False)
    with late_methods():
        assert not hasattr(dataclasses, "_create_fn")
