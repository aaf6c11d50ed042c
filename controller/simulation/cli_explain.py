"""`diemcau explain --at TIME JOURNAL`: the words for what explain.py finds. Reads files; decides nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from controller.cli_words import USAGE, WRONG, complain
from controller.core.chain import Entry, Unreadable
from controller.runtime.store import DiskError
from controller.simulation.called import named, titles
from controller.simulation.explain import Past, explain, read_time
from controller.simulation.files import entries_of
from controller.simulation.story import reason, shown, thing, told, when
from controller.texts import known as has_words
from controller.texts import text
from controller.texts.foreign import foreign
from controller.texts.meetings import OFFSET


def run_explain(args: argparse.Namespace) -> int:
    """Print why every load was as it was; 1 = the journal says nothing of that time, 64 = no time, no journal."""
    try:
        at_ms = read_time(args.at)
    except (ValueError, OverflowError):
        sys.stderr.write(text("explain.bad_time", args.lang, (args.at,)) + "\n")
        return USAGE
    try:
        entries = tuple(entries_of(args.file))
        past = explain(entries, at_ms)
    except (Unreadable, DiskError, UnicodeDecodeError) as error:
        sys.stderr.write(
            text("evidence.unusable", args.lang, (args.file, foreign(str(error)).text(args.lang))) + "\n"
        )
        return USAGE
    except OSError as error:
        complain(error, args.lang)
        return USAGE
    return _say(past, at_ms, args.file, args.lang, titles(entries, args.lang))


def _say(past: Past, at_ms: int, file: Path, lang: str, known: Mapping[str, str]) -> int:
    if past.last is None:
        begins = _date(past.first_ms) if past.end_ms else "–"
        sys.stderr.write(text("explain.nothing", lang, (file, _date(at_ms), begins)) + "\n")
        return WRONG
    sys.stdout.write("\n".join(named(line, known, lang) for line in _lines(past, at_ms, lang)) + "\n")
    return 0


def _lines(past: Past, at_ms: int, lang: str) -> Iterator[str]:
    phase = dict(past.phase.body).get("to") if past.phase is not None else "unknown"
    yield text("explain.at", lang, (_date(at_ms), text(f"phase.{phase}", lang), past.entries))
    if at_ms > past.end_ms:
        yield text("explain.ends", lang, (_date(past.end_ms),))
    for name in past.loads():
        yield from _load(past, name, lang)
    if past.open:
        yield text("explain.open", lang)
        yield from (f"  {told(entry, lang).strip()}" for entry in past.open.values())


def _load(past: Past, name: str, lang: str) -> Iterator[str]:
    yield text("explain.load", lang, (thing(name, lang), _seen(past.proofs.get(name), lang)))
    yield from _wish(past, name, lang)
    order = past.orders.get(name)
    if order is not None:
        yield "  " + text("explain.order", lang, (_value(order, lang), _at(order)))


def _wish(past: Past, name: str, lang: str) -> Iterator[str]:
    """Who wanted it so; where nobody does, who did last."""
    wish = past.wishes.get(name)
    if wish is not None:
        yield "  " + text("explain.wish", lang, (_value(wish, lang), _at(wish), reason(dict(wish.body), lang)))
        clause = f"clause.{dict(wish.body).get('rule')}"
        if has_words(clause):
            yield "  " + text("why.clause", lang, (text(clause, lang),))
        return
    yield "  " + text("why.nothing", lang)
    if name in past.ended:
        last, end = past.ended[name]
        told_of = (_value(last, lang), _at(last), _at(end), reason(dict(last.body), lang))
        yield "  " + text("explain.ended", lang, told_of)


def _value(entry: Entry, lang: str) -> str:
    return shown(dict(entry.body).get("value"), lang)


def _seen(proof: Entry | None, lang: str) -> str:
    if proof is None:
        return text("explain.unseen", lang)
    body = dict(proof.body)
    seen = body.get("seen")
    value = shown(seen, lang) if seen is not None else text("value.unknown", lang)
    return text("explain.seen", lang, (value, text(f"proof.{body.get('proof')}", lang), _at(proof)))


def _at(entry: Entry) -> str:
    return when(entry).strip()


def _date(wall_ms: int) -> str:
    return f"{datetime.fromtimestamp(wall_ms / 1000, UTC) + OFFSET:%Y-%m-%d %H:%M:%S}"
