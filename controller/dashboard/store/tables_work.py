"""What people at the centre do: meetings and requests, incidents, roll-calls, shifts, feedback."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from controller.core.meeting import Policy
from controller.dashboard.store.base import META, Big, ms, number

MEETINGS = Table(
    "meetings",
    META,
    Column("uid", String(120), primary_key=True),
    Column("ics", Text, nullable=False),
    Column("source", String(200), nullable=False, default=""),
    Column("cancelled", Boolean, nullable=False, default=False),
    Column("by", String(80), nullable=False, default=""),
    ms("changed_ms", index=True),
)
"""One series or single meeting: its VEVENTs (with the moved and cancelled instances) as iCalendar text, which is
what the rooms get. `source`: a subscription's address, '' = made here."""

INSTANCES = Table(
    "instances",
    META,
    Column("uid", String(120), primary_key=True),
    Column("recurrence_ms", BigInteger, primary_key=True),
    Column("series", String(120), nullable=False, index=True),
    Column("title", String(300), nullable=False),
    Column("kind", String(40), nullable=False, default=""),
    Column("document_no", String(80), nullable=False, default=""),
    ms("start_ms", index=True),
    ms("end_ms", index=True),
    Column("chair", String(40), nullable=False, default=""),
    Column("desk", String(80), nullable=False, default=""),
    Column("backup", String(40), nullable=False, default=""),
    Column("policy", String(20), nullable=False, default=Policy.CHAIR_LED.value),
    Column("tentative", Boolean, nullable=False, default=False),
    Column("cancelled", Boolean, nullable=False, default=False),
    Column("secret", Boolean, nullable=False, default=False),
    Column("external", Boolean, nullable=False, default=False),
    Column("practice", Boolean, nullable=False, default=False),
)
"""MEETINGS laid out in time, made anew when a series changes: what every page asks. `uid` is the instance's uid as
the rooms report it (see controller/core/meeting.py and calendar_plan.py)."""

INSTANCE_ROOMS = Table(
    "instance_rooms",
    META,
    Column("uid", String(120), primary_key=True),
    Column("room", String(40), primary_key=True),
    Column("role", String(12), nullable=False, default="member"),
    Column("technician", String(120), nullable=False, default=""),
    Column("substitute", String(120), nullable=False, default=""),
    Column("seats", JSON, nullable=False, default=list),
    Index("instance_rooms_by_room", "room"),
)

REQUESTS = Table(
    "requests",
    META,
    number(),
    Column("unit", String(120), nullable=False),
    Column("document_no", String(80), nullable=False, default=""),
    Column("content", Text, nullable=False),
    Column("kind", String(40), nullable=False, default=""),
    ms("start_ms"),
    ms("end_ms"),
    Column("chair", String(40), nullable=False, default=""),
    Column("rooms", JSON, nullable=False),
    Column("people", Integer, nullable=False, default=0),
    Column("by", String(80), nullable=False),
    ms("at_ms", index=True),
    Column("stage", String(12), nullable=False, default="asked"),
    Column("answer", Text, nullable=False, default=""),
    Column("answered_by", String(80), nullable=False, default=""),
    ms("answered_ms", nullable=True),
    Column("meeting", String(120), nullable=False, default=""),
    Column("asker", String(60), nullable=True),
)
"""R27: stage = asked, approved, refused, withdrawn. `asker`: whose it is, whatever the person is called later;
NULL in a row of before, which belongs to the name in `by`."""

INCIDENTS = Table(
    "incidents",
    META,
    number(),
    Column("key", String(200), nullable=False, index=True),
    Column("open_key", String(200), nullable=True, unique=True),
    Column("code", String(40), nullable=False),
    Column("scope", String(20), nullable=False),
    Column("rooms", JSON, nullable=False),
    Column("meeting", String(120), nullable=False, default=""),
    ms("from_ms", index=True),
    ms("seen_ms"),
    ms("until_ms", nullable=True),
    Column("stage", String(12), nullable=False, default="new"),
    Column("acked_by", String(80), nullable=False, default=""),
    ms("acked_ms", nullable=True),
    ms("expected_ms", nullable=True),
    Column("proposed", String(40), nullable=False, default=""),
    Column("cause", String(40), nullable=False, default=""),
    Column("own", Boolean, nullable=True),
    Column("cause_by", String(80), nullable=False, default=""),
    Column("explanation", Text, nullable=False, default=""),
    Column("explained_by", String(80), nullable=False, default=""),
    Column("opinion", Text, nullable=False, default=""),
    Column("effect", Text, nullable=False, default=""),
    Column("measures", Text, nullable=False, default=""),
    ms("changed_ms", index=True),
)
"""One per cause (N7). `open_key` is the key while it is open and null afterwards: no two of a cause. stage = new,
received, working, mended; open while until_ms is null. scope = room, unit, provider, meeting,
network. `own`: own / outside cause, set by a person (R30)."""

INCIDENT_ALERTS = Table(
    "incident_alerts",
    META,
    Column("incident", Big, ForeignKey("incidents.id"), primary_key=True),
    Column("room", String(40), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("from_ms", BigInteger, primary_key=True),
    ms("until_ms", nullable=True),
)

INCIDENT_LINES = Table(
    "incident_lines",
    META,
    number(),
    Column("incident", Big, ForeignKey("incidents.id"), nullable=False, index=True),
    ms("at_ms"),
    Column("by", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("args", JSON, nullable=False, default=list),
)
"""The timeline: kind = opened, joined, left, note, received, working, mended, told, expected, cause, explained,
reopened, closed, asked, proposed, maintained, unmaintained, notified, notice_failed,
notice_unsure. Added to, never edited."""

ALERTS = Table(
    "alerts",
    META,
    Column("room", String(40), primary_key=True),
    Column("code", String(40), primary_key=True),
    ms("from_ms"),
    ms("seen_ms"),
)
"""What the last look at the rooms found: since when it is so, and when it was so last. Blips end here."""

SILENCES = Table(
    "silences",
    META,
    Column("room", String(40), primary_key=True),
    Column("boot", String(40), nullable=False),
    ms("spoke_ms"),
)
"""Rooms that fell silent: the life in which they spoke last, to be compared with the one in which they return."""

MAINTENANCE = Table(
    "maintenance",
    META,
    number(),
    Column("room", String(40), nullable=False, index=True),
    ms("from_ms"),
    ms("until_ms"),
    Column("reason", Text, nullable=False),
    Column("by", String(80), nullable=False),
)

NOTICED = Table(
    "noticed",
    META,
    Column("incident", Big, ForeignKey("incidents.id"), primary_key=True),
    Column("what", String(12), primary_key=True),
    Column("nth", BigInteger, primary_key=True),
    Column("rooms", Integer, nullable=False),
    ms("at_ms"),
)
"""What notices have told of an incident, each once whoever restarts: what = begin, wider, unheard, overdue, end."""

NOTICES = Table(
    "notices",
    META,
    number(),
    Column("target", String(16), nullable=False),
    Column("label", String(120), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("about", JSON, nullable=False),
    ms("made_ms", index=True),
    Column("stage", String(12), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    ms("next_ms"),
    ms("changed_ms"),
    Column("why", String(200), nullable=False),
)
"""Messages to one address each. stage: waiting, sending, sent, given_up, unsure (a process died while it sent).
`target` is a hash: addresses hold passwords and stay in their file; `about`: numbers of incidents."""

TICKS = Table(
    "ticks",
    META,
    Column("meeting", String(120), primary_key=True),
    Column("room", String(40), primary_key=True),
    Column("item", String(20), primary_key=True),
    Column("verdict", String(8), nullable=False),
    Column("by", String(80), nullable=False),
    ms("at_ms", index=True),
)
"""Roll-call (R26): item = picture_in, picture_out, sound_in, sound_out, technician, attendance."""

SHIFTS = Table(
    "shifts",
    META,
    number(),
    ms("at_ms"),
    Column("by", String(80), nullable=False),
    Column("to", String(80), nullable=False, default=""),
    Column("text", Text, nullable=False, default=""),
    Column("by_user", Integer, nullable=True),
    Column("to_user", Integer, nullable=True),
)
"""Sổ giao ca. Names as they were then; who is who is said by the accounts (null: before they were kept)."""

FEEDBACK = Table(
    "feedback",
    META,
    number(),
    Column("room", String(40), nullable=False, default=""),
    Column("by", String(80), nullable=False),
    ms("at_ms"),
    Column("kind", String(12), nullable=False, default="feedback"),
    Column("text", Text, nullable=False),
    Column("stage", String(12), nullable=False, default="new"),
    Column("answer", Text, nullable=False, default=""),
    Column("answered_by", String(80), nullable=True),
    ms("answered_ms", nullable=True),
)
"""R31 feedback, and signatures and faults from a room's phone page: kind = feedback, fault, signed; stage = new,
received, done."""

PAPER_WORDS = Table(
    "paper_words",
    META,
    number(),
    Column("form", String(20), nullable=False),
    Column("about", String(240), nullable=False),
    Column("field", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("by", String(80), nullable=False),
    Column("by_user", Integer, nullable=True),
    ms("at_ms"),
    Index("paper_words_by_about", "form", "about"),
)
"""What people said in a form (people.md 3), added to and never edited: the last of a field counts. `about`: what
the form is of, as web/report_words.py writes it. `by`: who holds a pass; people with an account stand by their
number."""

SWITCHES = Table(
    "switches",
    META,
    number(),
    Column("meeting", String(120), nullable=False, index=True),
    Column("to", String(8), nullable=False),
    Column("by", String(80), nullable=False),
    Column("by_user", Integer, nullable=True),
    Column("reason", Text, nullable=False),
    Column("number", String(120), nullable=False),
    Column("desk", String(80), nullable=False, default=""),
    Column("numbers", JSON, nullable=False, default=list),
    ms("at_ms"),
)
"""R25: to = backup, main. `number`: what the sites were told to dial; `desk`, `numbers`: what the calendar said
before, put back with the main site. Added to and never edited."""
