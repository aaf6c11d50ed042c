"""`diemcau evidence verify FILE`: was an entry of the journal changed, removed or put elsewhere (N1)?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from controller.cli_words import USAGE, WRONG, complain
from controller.core.verify import Finding, Verdict, verify_lines
from controller.core.verify import verify as verify_entries
from controller.runtime.aside import read_entries
from controller.runtime.store import DiskError
from controller.texts import catalogue, text
from controller.texts.foreign import foreign

SHOWN = 100
"""Findings named one by one; a file with more was not edited but lost."""
_SQLITE = b"SQLite format 3\0"


def verify(file: Path, lang: str) -> int:
    """Check a journal's chain: 0 = as written, 1 = something was changed, removed or reordered, 64 = unreadable."""
    try:
        verdict = _verdict(file)
    except OSError as error:
        complain(error, lang)
        return USAGE
    except (DiskError, UnicodeDecodeError) as error:
        sys.stderr.write(text("evidence.unusable", lang, (file, foreign(str(error)).text(lang))) + "\n")
        return USAGE
    if not verdict.count and verdict.problems:
        sys.stderr.write(text("evidence.unusable", lang, (file, _finding(verdict.problems[0], lang))) + "\n")
        return USAGE
    _show(verdict.problems, "! ", lang)
    _show(verdict.notes, "  ", lang)
    code = "evidence.broken" if verdict.problems else "evidence.whole"
    sys.stdout.write(text(code, lang, (verdict.count, verdict.head.seq, verdict.head.hash)) + "\n")
    return WRONG if verdict.problems else 0


def _verdict(file: Path) -> Verdict:
    with file.open("rb") as raw:
        database = raw.read(len(_SQLITE)) == _SQLITE
    if database:
        return verify_entries(read_entries(file))
    with file.open(encoding="utf-8") as lines:
        # A simulation's journal begins with how to run it again; that line is no entry.
        return verify_lines("" if line.startswith('{"simulate"') else line for line in lines)


def _show(findings: Sequence[Finding], mark: str, lang: str) -> None:
    for finding in findings[:SHOWN]:
        sys.stdout.write(f"{mark}{_finding(finding, lang)}\n")
    if len(findings) > SHOWN:
        sys.stdout.write(mark + text("evidence.more", lang, (len(findings) - SHOWN,)) + "\n")


def _finding(finding: Finding, lang: str) -> str:
    places: dict[str, object] = {"first": finding.first, "last": finding.last}
    places |= {str(n): _reason(str(value), lang) for n, value in enumerate(finding.args)}
    return text(f"evidence.{finding.code}", lang, places)


def _reason(word: str, lang: str) -> str:
    """The journal's own word for a gap or a new beginning, else what a library or the system has said."""
    code = f"evidence.reason.{word}"
    return text(code, lang) if code in catalogue() else foreign(word).text(lang)
