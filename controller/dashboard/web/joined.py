"""The modules that a page begins with, as one file: a request costs more than what stands in most modules.

Pure: texts in, texts out. It knows what the page's own modules are written in, named imports and exports that begin
their lines, and raises ValueError, at the start of the service, for anything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";$', re.M)
_LATER = re.compile(r'\bimport\(([`"])(\.[^`"]*)')
_ALL = re.compile(r'^export \* from "(\.[^"]+)";$', re.M)
_LIST = re.compile(r"\bexport ?\{([^}]*)\};\s*\Z")
_ONE = re.compile(r"^export ((?:async )?(?:function|const|class) (\w+))", re.M)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.M)


def joined(texts: Mapping[str, str], root: str, base: str) -> dict[str, str]:
    """`texts`: path below `base` → module. `root` comes back with all that it imports, each in a scope of its own.
    What was taken in is no file any more, and the other modules find it in `root`: it is there once."""
    made = _Joined(texts, root, base)
    made.scope(root)
    others = {path: made.pointed(path) for path in texts if path not in made.handed}
    return {**others, root: "".join(made.parts)}


class _Joined:
    """`handed`: path → name that others know → what it is inside. `parts`: the scopes as they are needed."""

    def __init__(self, texts: Mapping[str, str], root: str, base: str) -> None:
        self._texts, self._root, self._base = texts, root, base
        self.handed: dict[str, dict[str, str]] = {}
        self.parts: list[str] = []

    def scope(self, path: str) -> str:
        """The name of the scope of a module."""
        name = "$" + re.sub(r"\W", "_", path)
        if path not in self.handed:
            handed: dict[str, str] = {}
            text = self._bare(path, handed)
            if left := _LEFT.search(text):
                raise ValueError(f"{path}: {left[0]}")
            self.handed[path] = handed
            given = ", ".join(f"{known}: {inside}" for known, inside in handed.items())
            self.parts.append(f"export const {name} = (() => {{\n{text}\nreturn {{ {given} }};\n}})();\n")
        return name

    def pointed(self, path: str) -> str:
        """The text of a module that stays a file."""

        def taken(found: re.Match[str]) -> str:
            if (other := _near(path, found[2])) not in self.handed:
                return found[0]
            scope = self.scope(other)
            return f'import {{ {scope} }} from "{self._base}{self._root}"; {_opened(found[1], scope)}'

        return _IMPORT.sub(taken, self._texts[path])

    def _bare(self, path: str, handed: dict[str, str]) -> str:
        """The text without its imports and exports; these go into `handed`."""

        def every(found: re.Match[str]) -> str:
            other = _near(path, found[1])
            scope = self.scope(other)
            handed.update({name: f"{scope}.{name}" for name in self.handed[other]})
            return ""

        def listed(found: re.Match[str]) -> str:
            pairs = [one.strip().partition(" as ") for one in found[1].split(",")]
            handed.update({new or own: own for own, _, new in pairs})
            return ""

        def one(found: re.Match[str]) -> str:
            handed[found[2]] = found[2]
            return found[1]

        text = _IMPORT.sub(lambda it: _opened(it[1], self.scope(_near(path, it[2]))), self._texts[path])
        text = _LATER.sub(lambda it: f"import({it[1]}{self._base}{_near(path, it[2])}", text)
        return _ONE.sub(one, _LIST.sub(listed, _ALL.sub(every, text)))


def _opened(names: str, scope: str) -> str:
    return f"const {{{names.replace(' as ', ': ')}}} = {scope};"


def _near(path: str, other: str) -> str:
    return normpath(join(dirname(path), other))
