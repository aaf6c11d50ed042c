"""A whole machine, with Debian's kernel, its ext4 and a card that forgets what was not flushed, whose power goes at
random moments while the real updater goes from release to release and from configuration to configuration: at every
next start what is there is whole, and runs.

    DIEMCAU_CUTS=1000 DIEMCAU_CUT_SEED=7 python -m pytest -m soak tests/systemd/test_power_cuts.py -s

The seed draws when the power goes and what the card forgets; the machine's own time is not the seed's.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from controller.demo import binaries, kernel
from tests.systemd.machine import WHY_NOT
from tests.systemd.power.cuts import Place, cut_again_and_again, measure

LACKS = "" if kernel.ready() and binaries.find("qemu-system-x86_64") else "lacks qemu: `make soak` as root"
OTHER = "" if platform.machine() == "x86_64" else "the kernel is x86_64's, and the trees are this machine's"
REASON = WHY_NOT or OTHER or LACKS
CUTS = int(os.environ.get("DIEMCAU_CUTS", "200"))
SEED = int(os.environ.get("DIEMCAU_CUT_SEED", "0")) or secrets.randbelow(1 << 32)
MOST_WITHOUT_SYNC = 40
pytestmark = [
    pytest.mark.soak,
    pytest.mark.services,
    pytest.mark.timeout(max(7200, 60 * CUTS)),
    pytest.mark.skipif(bool(REASON), reason=REASON or "-"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    short = Path(tempfile.mkdtemp(prefix="dc-"))  # a socket's name has 107 letters
    folder = tmp_path_factory.mktemp("power")
    made = Place(folder, short)
    yield made
    made.close()
    for one in (short, folder):
        shutil.rmtree(one)


def test_an_updater_that_does_not_sync_is_found_out(place: Place) -> None:
    """The control: without it the other test could be one that finds nothing."""
    place.renew()
    tally = cut_again_and_again(place, MOST_WITHOUT_SYNC, Random(SEED), hasty=True, enough=1)
    print(f"seed {SEED}, without sync: {tally}")
    assert tally.broken, tally


def test_no_power_cut_breaks_the_room(place: Place) -> None:
    place.renew()
    tally = cut_again_and_again(place, CUTS, Random(SEED))
    print(f"seed {SEED}: {tally}")
    assert tally.cuts == CUTS
    assert tally.broken == [], tally
    # The power went while there was something to lose, and the updater came on all the same.
    assert tally.lossy > CUTS // 5, tally
    assert tally.ends["done update.done"] > CUTS // 10, tally
    assert measure(place, Random(SEED)).said
