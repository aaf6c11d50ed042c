"""What the tests' machines are given: nothing that the lock does not name, and all that a room imports."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement

from controller.demo import trees
from controller.demo.binaries import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BY_THE_SYSTEM = {"lgpio"}
"""A machine of the tests has no pins."""


def name_of(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def needed(package: str, extra: str, known: set[str]) -> Iterator[str]:
    """What this package needs here, and what that needs."""
    for text in importlib.metadata.requires(package) or []:
        row = Requirement(text)
        name = name_of(row.name)
        if name not in known and (row.marker is None or row.marker.evaluate({"extra": extra})):
            known.add(name)
            yield name
            yield from needed(name, "", known)


def test_a_package_that_is_not_locked_is_refused() -> None:
    with pytest.raises(KeyError):
        trees.locked(LOCK, ["no-such-package"])


def test_every_line_has_its_hash() -> None:
    text = trees.locked(LOCK, trees.PURE + trees.COMPILED)
    assert text.count("==") == len(trees.PURE + trees.COMPILED)
    assert text.count("--hash=sha256:") >= len(trees.PURE + trees.COMPILED)


def test_what_a_room_imports_is_there_and_nothing_else() -> None:
    given = {*trees.PURE, *trees.COMPILED}
    # setuptools: colorzero names it, and imports it only where Python has no importlib.resources.
    assert set(needed("diemcau", "", set())) - BY_THE_SYSTEM - {"setuptools"} == given


def test_what_the_updater_imports_is_there() -> None:
    given = {*trees.PURE, *trees.COMPILED, *trees.UPDATE_PURE, *trees.UPDATE_COMPILED}
    assert set(needed("diemcau", "update", set())) - BY_THE_SYSTEM - {"setuptools"} == given
