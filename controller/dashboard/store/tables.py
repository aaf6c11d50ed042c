"""What rooms say, as stored. No names of people: those are in tables_people, so that deleting a person breaks no
chain of evidence."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, Text

from controller.dashboard.store.base import META, ms, number

LAST = Table(
    "last",
    META,
    Column("room", String(40), primary_key=True),
    Column("part", String(40), primary_key=True),
    Column("body", JSON, nullable=False),
    ms("received_ms", index=True),
)
"""The last word on each topic: part = status, birth, state, gasp, update, or detail/loads …; `status` bodies are
{"online": bool, "reason": str}."""

RECORDS = Table(
    "records",
    META,
    Column("room", String(40), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("boot", String(40), primary_key=True),
    ms("at_ms"),
    ms("mono_ms"),
    Column("clock", String(8), nullable=False),
    ms("true_ms", nullable=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("priority", String(12), nullable=False),
    Column("body", JSON, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("hist", Boolean, nullable=False),
    ms("received_ms"),
    Column("journal", Integer, nullable=False, default=0),
    Index("records_by_time", "room", "at_ms"),
    Index("records_by_kind", "kind", "at_ms"),
)
"""The rooms' journals. `at_ms` as the room said; `true_ms`: computed later from a trusted pair of the same boot.
`journal`: 0 = the one that goes on; 1, 2, …: those of earlier cards, in the order in which they ended."""

CURSORS = Table(
    "cursors",
    META,
    Column("room", String(40), primary_key=True),
    Column("upto", BigInteger, nullable=False),
    Column("boot", String(40), nullable=False),
    ms("asked"),
    ms("stuck_ms"),
    ms("begun_ms"),
    Column("checked", BigInteger, nullable=False, default=0),
)
"""How far each journal is stored without a gap: what `ack` says. `asked`: a gap is not asked for again before;
`stuck_ms`: since when the cursor stands before a gap, 0 = it does not; `begun_ms`: when this journal's first record
came, 0 = the room has had one card only; `checked`: how far its chain was verified."""

FINDINGS = Table(
    "findings",
    META,
    Column("room", String(40), primary_key=True),
    Column("code", String(20), primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, primary_key=True),
    ms("found_ms", index=True),
)
"""What is to be said of the records first…last of a journal. Missing: trimmed (the room dropped them), restarted
(its file broke), silent (asked for in vain). Begun: a new card, a new journal. Doubtful, by the codes of
`controller.core.verify`: edited, replaced, contradicts, repeated, removed."""

HEADS = Table(
    "heads",
    META,
    Column("room", String(40), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("head", String(64), primary_key=True),
    ms("received_ms"),
)
"""Heads of the chain as state reports carried them: two for one seq = a journal was rewritten (N1)."""

SAMPLES = Table(
    "samples",
    META,
    Column("room", String(40), primary_key=True),
    Column("what", String(60), primary_key=True),
    Column("span_s", Integer, primary_key=True),
    Column("from_ms", BigInteger, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("total", Float, nullable=False),
    Index("samples_by_age", "span_s", "from_ms"),
)
"""Figures by five minutes (300 s) and hour (3,600 s): climate.<place>.temp_c, ups.charge_pct, line.<place>.rtt_ms
…; mean = total / n."""

REFUSED = Table(
    "refused",
    META,
    number(),
    Column("topic", String(200), nullable=False),
    Column("why", String(60), nullable=False),
    Column("start", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    ms("received_ms", index=True),
)
"""Messages that were not believed, with their first bytes; bounded by the recorder."""

ORDERS = Table(
    "orders",
    META,
    Column("id", String(40), primary_key=True),
    Column("room", String(40), nullable=False, index=True),
    Column("verb", String(20), nullable=False),
    Column("args", JSON, nullable=False),
    Column("by", String(80), nullable=False),
    Column("meeting", String(120), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    ms("sent_ms", index=True),
    Column("stage", String(12), nullable=False),
    Column("code", String(60), nullable=False, default=""),
    Column("told", JSON, nullable=False),
    ms("changed_ms", index=True),
)
"""Commands and their answers. stage: sent, accepted, refused, done, failed, expired, unanswered."""

LEASES = Table(
    "leases",
    META,
    Column("name", String(40), primary_key=True),
    Column("holder", String(60), nullable=False),
    ms("until_ms"),
)
"""Who thinks, when several recorders run."""

SELF = Table(
    "self",
    META,
    Column("key", String(20), primary_key=True),
    Column("value", String(80), nullable=False),
)
"""What this database is: `group`, made by chance once, tells its recorders from those of another centre."""
