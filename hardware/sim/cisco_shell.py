"""The session on a simulated Cisco codec's port: echo, output mode, registrations, and how commands are answered.

Law: the far end of a wire; shares no code with our side. `OK` comes before the block of a command and behind the
block of a query; every block of feedback has its own end; the tag stands before the end.
Source: Cisco API reference guides (TC 5-7, CE9, RoomOS 11); the guide of the xAPI over WebSocket; jsxapi's tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hardware.sim.cisco_commands import COMMANDS, NEEDS_TC, Refused, split
from hardware.sim.cisco_memory import Path
from hardware.sim.cisco_printer import ghost, pretty, result, terminal, tree
from hardware.sim.cisco_tree import EMPTY_ROOTS, VOLATILE, Row, branch, found, rows, under, words_of
from hardware.sim.cisco_unit import CiscoUnit

MAX_EXPRESSIONS = 38
_TAG = re.compile(r'\|\s*resultId\s*=\s*"?([^"]*)"?\s*$', re.IGNORECASE)
Lines = list[str]


class CiscoShell:
    """One session; `tell(lines)` prints what comes by itself."""

    def __init__(self, unit: CiscoUnit, tell: Callable[[Lines], None]) -> None:
        self._unit = unit
        self._tell = tell
        self.echo = True
        self.mode = "terminal"
        self.registered: list[str] = []
        self._told: dict[Path, Row] = {}
        self._note()

    def _note(self) -> dict[Path, Row]:
        before = self._told
        self._told = {row.path: row for row in rows(self._unit) if not set(row.path) & set(VOLATILE)}
        return before

    # What comes by itself.

    def changed(self) -> None:
        """Tell whoever registered for it what is new and what is gone."""
        before = self._note()
        gone = {p[:2] for p in before.keys() - self._told.keys() if p[0] == "Call"}
        gone -= {path[:2] for path in self._told}
        new = {path: row for path, row in self._told.items() if before.get(path) != row}
        for expression in self.registered:
            words = words_of(expression)
            if words[:1] != ("status",):
                continue
            # What two expressions select is told once.
            told = [new.pop(path) for path in list(new) if under(path, words[1:])]
            if told:
                self._feedback("Status", "s", told)
            for path in sorted(gone) if words == ("status", "call") else ():
                self._ghost(path)

    def event(self, name: str, fields: Mapping[str, str]) -> None:
        """`*e CallDisconnect CauseType: …`."""
        if any(words_of(e) == ("event", name.lower()) for e in self.registered):
            told = [Row((name, key), value, not value.isdecimal()) for key, value in fields.items()]
            if told:
                self._feedback("Event", "e", told)
            else:
                self._tell(pretty({"Event": {name: {}}}) if self.mode == "json" else [f"*e {name}", "** end", ""])

    def _feedback(self, root: str, kind: str, told: list[Row]) -> None:
        if self.mode == "json":
            self._tell(pretty({root: tree(told)}))
        else:
            self._tell([*terminal(kind, told), "** end", ""])

    def _ghost(self, path: Path) -> None:
        if self.mode == "json":
            self._tell(pretty({"Status": ghost(path)}))
        else:
            self._tell([f"*s {' '.join(path)} (ghost=True):", "** end", ""])

    # What is asked.

    def answer(self, line: str) -> Lines:
        """The reply to one command."""
        tag = _TAG.search(line)
        text = line[: tag.start()].strip() if tag else line.strip()
        name = "" if tag is None or self._unit.faults.no_tags else tag[1]
        verb, _, rest = text.partition(" ")
        handler = _VERBS.get(verb.lower())
        low = text.lower()
        if handler is None or any(low.startswith(start) for start in self._unit.faults.unknown):
            return self._error("Unknown command", f"/{text[:40]}", name)
        for start, why in self._unit.faults.refuse.items():
            if low.startswith(start):
                return self._result("Result", why, "Error", {}, name)
        return handler(self, rest.strip(), name)

    def _error(self, reason: str, where: str, tag: str, root: str = "Result") -> Lines:
        if self.mode == "json":
            told = {"status": "Error", "Reason": {"Value": reason}, "XPath": {"Value": where}}
            return self._object({"CommandResponse": {root: told}}, tag)
        return ["ERROR", *result("Result", "Error", {"Reason": reason, "XPath": where}), *self._end(tag), ""]

    def _result(self, name: str, reason: str, status: str, fields: Mapping[str, str], tag: str) -> Lines:
        if reason and status == "Error":
            fields = {"Reason": reason}
        if self.mode == "json":
            told: dict[str, object] = {"status": status, **{key: {"Value": v} for key, v in fields.items()}}
            return self._object({"CommandResponse": {name: told}}, tag)
        return ["", "OK", *result(name, status, fields), *self._end(tag), ""]

    def _object(self, whole: dict[str, object], tag: str) -> Lines:
        return pretty(whole | ({"ResultId": tag} if tag else {}))

    def _end(self, tag: str) -> Lines:
        return [*([f'** resultId: "{tag}"'] if tag else []), "** end"]

    def _told_all(self, root: str, kind: str, told: list[Row], tag: str) -> Lines:
        if self.mode == "json":
            return self._object({root: tree(told)} if told or root == "Status" else {}, tag)
        end = [] if self._unit.faults.no_end and told else self._end(tag)
        prefix = [row._replace(path=("xConfiguration", *row.path)) for row in told] if kind == "c" else told
        return ["", *terminal(kind, prefix), *end, "", "OK", ""]

    def _status(self, text: str, tag: str) -> Lines:
        told = found(branch(self._unit, text), text)
        if not told and words_of(text)[:1] not in EMPTY_ROOTS:
            return self._error("No match on address expression", f"Status/{text.replace(' ', '/')}", tag, "Status")
        return self._told_all("Status", "s", told, tag)

    def _configuration(self, text: str, tag: str) -> Lines:
        where, colon, value = text.partition(":")
        settings = self._unit.settings
        words = words_of(where)
        hits = settings.find(words)
        if not hits:
            path = f"Configuration/{'/'.join(words)}"
            return self._error("No match on address expression", path, tag, "Configuration")
        if not colon:
            return self._told_all("Configuration", "c", [Row(path, value) for path, value in hits], tag)
        if self._unit.faults.deaf or settings.set(words, value.strip().strip('"')):
            return self._told_all("Configuration", "c", [], tag)
        return self._error("Invalid value", where, tag, "Configuration")

    def _command(self, text: str, tag: str) -> Lines:
        path, arguments = split(text)
        command = COMMANDS.get(path)
        if command is None or (path in NEEDS_TC and not self._unit.tc):
            return self._error("Unknown command", f"/{path}", tag)
        try:
            return self._result(command.result, "", "OK", command.run(self._unit, arguments), tag)
        except Refused as no:
            return self._result(command.result, no.reason, no.status, {}, tag)

    def _xfeedback(self, text: str, tag: str) -> Lines:
        verb, _, expression = text.partition(" ")
        expression = "/" + expression.strip().strip("/").replace(" ", "/")
        match verb.lower():
            case "list":
                return ["", *self.registered, "", "OK", ""]
            case "deregisterall":
                self.registered.clear()
            case "deregister":
                self.registered = [e for e in self.registered if e.lower() != expression.lower()]
            case "register" if len(self.registered) < MAX_EXPRESSIONS:
                if not self._unit.faults.loses_feedback and expression not in self.registered:
                    self.registered.append(expression)
            case _:
                return self._error("Unknown command", f"/{text[:40]}", tag)
        if self.mode == "json":
            return self._object({}, tag)
        return ["", *self._end(tag), "", "OK", ""]

    def _echo(self, text: str, _tag: str) -> Lines:
        self.echo = text.lower() == "on"
        return [] if self.mode == "json" else ["", "OK", ""]

    def _preferences(self, text: str, tag: str) -> Lines:
        words = text.lower().split()
        if len(words) != 2 or words[0] != "outputmode" or words[1] not in ("terminal", "xml", "json"):
            return self._error("Unknown command", f"/{text[:40]}", tag)
        self.mode = words[1]
        return ["", "OK", ""] if self.mode == "terminal" else []


_VERBS: Mapping[str, Callable[[CiscoShell, str, str], Lines]] = {
    "xstatus": CiscoShell._status,
    "xconfiguration": CiscoShell._configuration,
    "xcommand": CiscoShell._command,
    "xfeedback": CiscoShell._xfeedback,
    "echo": CiscoShell._echo,
    "xpreferences": CiscoShell._preferences,
}
