"""Where the evidence of a replaced Pi ended: the new journal names it, and whoever checks says so (N27)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.before import NAME, Before, dumps, loads
from controller.cli import main
from controller.core.chain import GENESIS, Entry
from controller.core.records import Priority
from controller.core.verify import follows_of, verify
from controller.runtime.aside import read_entries
from controller.runtime.batch import Batch
from controller.runtime.ledger import Ledger
from tests.controller.runtime.given import BOOT, Hands, chain, record

OLD = Before("phong-1", 812, "cd" * 32)


def lived(folder: Path) -> list[Entry]:
    """The journal in `folder` after one more record; its entries."""
    ledger = Ledger(folder / "journal.db", BOOT, Hands(), 1 << 30)
    ledger.open()
    ledger.add(Batch(1, Hands()(), (record(1, Priority.EVIDENCE),), None, urgent=True))
    ledger.commit("stalled", clean=True)
    ledger.close()
    return list(read_entries(folder / "journal.db"))


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff", dumps(OLD).replace(b"812", b"0"), dumps(OLD)[:-3]])
def test_a_word_that_cannot_be_read_is_none(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        loads(text)
    (tmp_path / NAME).write_bytes(text)
    first = lived(tmp_path)[0]
    assert dict(first.body) == {"reason": "new"}
    assert follows_of(first) is None


@given(st.from_regex(r"\A[a-z0-9]{1,9}\Z"), st.integers(1, 2**53 - 1), st.from_regex(r"\A[0-9a-f]{64}\Z"))
def test_what_was_written_is_read(room: str, seq: int, digest: str) -> None:
    assert loads(dumps(Before(room, seq, digest))) == Before(room, seq, digest)


def test_a_journal_that_has_entries_follows_nobody(tmp_path: Path) -> None:
    lived(tmp_path)
    (tmp_path / NAME).write_bytes(dumps(OLD))
    entries = lived(tmp_path)
    assert [follows_of(entry) for entry in entries] == [None] * 3
    assert verify(entries).notes == ()


def test_only_the_first_entry_of_a_chain_can_follow_another(tmp_path: Path) -> None:
    """Whoever writes such words into a later record says nothing by it."""
    assert [follows_of(entry) for entry in chain(3)] == [None] * 3


def test_the_new_journal_names_the_old_ones_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / NAME).write_bytes(dumps(OLD))
    first, *_ = lived(tmp_path)
    assert (first.seq, first.prev) == (1, GENESIS)
    assert dict(first.body) == {"reason": "replaced", "follows": 812, "follows_hash": "cd" * 32}
    for lang, said in (("en", "follows entry 812 of the Pi"), ("vi", "nối tiếp bản ghi 812 của Pi cũ")):
        assert main(["evidence", "verify", str(tmp_path / "journal.db"), "--lang", lang]) == 0
        assert said in capsys.readouterr().out
