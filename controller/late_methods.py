"""Dataclasses whose methods are compiled when they are first called, and not all of them at the program's start.

`@dataclass` writes up to six methods for each class as text and compiles them: nine hundred for the controller,
half the time of its imports, and a room calls a part of them. Within `late_methods` the standard library's own text
is kept and compiled by the first call, which puts the method where the library would have put it. What a class is
and does is the library's in every detail; tests/controller/test_late_methods.py compares.

The hook is the library's private maker of methods, as Python 3.11 and 3.12 have it. Where there is none (3.13
compiles a class at once, and faster) nothing is changed. For a program's own imports, before it has threads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Maker = Callable[..., Callable[..., Any]]
_HOOK = "_create_fn"


@contextmanager
def late_methods() -> Iterator[None]:
    """Every dataclass that is defined inside, by an import too, compiles late."""
    maker: Maker | None = getattr(dataclasses, _HOOK, None)
    if maker is None:
        yield
        return
    setattr(dataclasses, _HOOK, _late(maker))
    try:
        yield
    finally:
        setattr(dataclasses, _HOOK, maker)


def _late(maker: Maker) -> Maker:
    def make(name: str, *text: Any, **names: Any) -> Callable[..., Any]:
        made: Callable[..., Any] | None = None

        def method(self: Any, *args: Any, **values: Any) -> Any:
            nonlocal made
            if made is None:
                made = maker(name, *text, **names)
                made.__qualname__ = method.__qualname__
                _put(type(self), name, method, made)
            return made(self, *args, **values)

        method.__name__ = name
        return method

    return make


def _put(cls: type, name: str, late: object, made: object) -> None:
    """In the class that has `late`, which may be one that `cls` inherits from. A `__repr__` is kept inside another
    function, by which it stays called."""
    owner = next((base for base in cls.__mro__ if base.__dict__.get(name) is late), None)
    if owner is not None:
        setattr(owner, name, made)
