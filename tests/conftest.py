"""For all tests: hypothesis draws the same examples every time and does not look at the clock, so that a busy
machine fails nothing; `make soak` may load the profile `search` to look for new examples,
and on another machine's processor, where every instruction is slow, `few` says enough.

`pytest --hardware room.toml tests/hardware/classes` runs the suites of device classes on the devices which that
file names: see tests/hardware/classes."""

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.register_profile("few", deadline=None, derandomize=True, max_examples=10)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Without it no case for real devices is collected at all: a skipped one would look like something missing."""
    parser.addoption("--hardware", metavar="ROOM.TOML", help="also test the real devices that this file names")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that boot whole systems come first: they are the longest, and the last of them would else keep one
    worker busy while the others have nothing left."""
    items.sort(key=lambda item: item.path.parent.name != "systemd")
