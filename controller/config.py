"""The configuration's front door: room.toml and rule packs in, a checked RoomConfig and the core's Room out.

`load` raises ConfigError, which names file, key, found, allowed and what to do, for every fault at once; the
caller shows it and ends with 78 (EX_CONFIG). Nothing is switched before a configuration is whole. Tables are
defined in config_model, config_loads and config_rules; defects that are not errors come from config_check.check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from controller import config_files, config_learnt
from controller.config_check import check
from controller.config_compile import compile_room
from controller.config_error import ConfigError, Key, Problem, Said, dotted, problems, shown
from controller.config_faults import Finding, Severity
from controller.config_model import RoomConfig
from controller.config_rules import PackFile, Rules

__all__ = [
    "ConfigError",
    "Finding",
    "Origin",
    "RoomConfig",
    "Severity",
    "check",
    "compile_room",
    "example",
    "learnt",
    "load",
    "loads",
    "named",
    "origins",
    "schema",
]

EXIT_CODE = 78
"""EX_CONFIG of sysexits.h: systemd and people see that a restart will not help."""

PathLike = str | Path


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule's figure comes from (N25): the file, and the document and clause that a pack names."""

    key: str
    value: object
    file: str = ""
    document: str = ""
    clause: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    cfg: RoomConfig
    files: Mapping[Key, str]
    packs: Mapping[str, PackFile]
    remarks: tuple[Finding, ...] = ()


def load(paths: PathLike | Iterable[PathLike]) -> RoomConfig:
    """The room of these files: one room.toml and any rule packs (weakest first; room.toml may name more).

    Raises ConfigError.
    """
    return _read(_paths(paths)).cfg


def named(paths: PathLike | Iterable[PathLike]) -> tuple[Path, ...]:
    """All files that `load` reads for these, there or not yet: themselves, the rule packs that room.toml names,
    what commissioning has left."""
    given = _paths(paths)
    rooms = [source for source in map(config_files.read, given) if not source.is_pack]
    beside = (path for room in rooms for path in (*_pack_paths(room), *config_learnt.beside(room.tree)))
    return (*given, *beside)


def loads(text: str, file: str = "room.toml") -> RoomConfig:
    """The room of a text, without rule packs. Raises ConfigError."""
    return _whole([config_files.parse(text, file)]).cfg


def origins(paths: PathLike | Iterable[PathLike]) -> tuple[Origin, ...]:
    """Every figure of the rules with its origin, for reports and evidence of a change. Raises ConfigError."""
    read = _read(_paths(paths))
    values = read.cfg.rules.model_dump()
    return tuple(_origin(("rules", *key), read, values) for key in config_files.leaves(values))


def learnt(paths: PathLike | Iterable[PathLike]) -> tuple[Finding, ...]:
    """What is to be said of the commissioning's layer: which values come from it, which it cannot give. Raises
    ConfigError."""
    return _read(_paths(paths)).remarks


def pack(path: PathLike) -> PackFile:
    """A rule pack by itself, as an office reads it. Raises ConfigError; a file that is none says so."""
    return _pack(config_files.read(Path(path)))


def schema() -> dict[str, Any]:
    """JSON schema of room.toml; editors complete keys with it."""
    return RoomConfig.model_json_schema()


def example() -> str:
    """A whole room as commented TOML, which itself passes every check."""
    return files("controller.texts").joinpath("room.example.toml").read_text(encoding="utf-8")


def _paths(paths: PathLike | Iterable[PathLike]) -> list[Path]:
    return [Path(p) for p in ((paths,) if isinstance(paths, (str, Path)) else paths)]


def _read(paths: list[Path]) -> _Read:
    sources = [config_files.read(path) for path in paths]
    rooms = [source for source in sources if not source.is_pack]
    if len(rooms) != 1:
        where = ", ".join(str(path) for path in paths) or "-"
        raise ConfigError((Problem(where, "-", str(len(rooms)), Said("form.one_room"), Said("config.one_room")),))
    packs = [source for source in sources if source.is_pack]
    return _whole([*packs, *_named_packs(rooms[0]), rooms[0]], on_disk=True)


def _named_packs(room: config_files.Source) -> list[config_files.Source]:
    """The packs that room.toml names; their form is judged with the rest."""
    return [config_files.read(path) for path in _pack_paths(room)]


def _pack_paths(room: config_files.Source) -> list[Path]:
    table = room.tree.get("room")
    names = table.get("rule_packs") if isinstance(table, dict) else None
    folder = Path(room.file).parent
    return [folder / n for n in names if isinstance(n, str)] if isinstance(names, list) else []


def _whole(sources: list[config_files.Source], on_disk: bool = False) -> _Read:
    room = sources[-1]
    packs = {source.file: _pack(source) for source in sources[:-1]}
    rules = [config_files.Source(s.file, {"rules": s.tree.get("rules", {})}) for s in sources[:-1]]
    layer = config_learnt.layer(room.tree) if on_disk else None
    tree, key_files = config_files.merged([*rules, *([layer] if layer is not None else ()), room])
    withheld = config_learnt.accept(tree, on_disk)

    def file_of(key: Key) -> str:
        return config_files.file_of(key, key_files, room.file)

    try:
        cfg = RoomConfig.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(problems(error, RoomConfig, file_of)) from None
    bad = [finding for finding in check(cfg) if finding.severity is Severity.ERROR]
    if bad:
        raise ConfigError(tuple(_problem(finding, tree, file_of(tuple(finding.key.split(".")))) for finding in bad))
    return _Read(cfg, key_files, packs, (*withheld, *config_learnt.told(layer, tree, key_files)))


def _pack(source: config_files.Source) -> PackFile:
    """A rule pack by itself: only rules, and a clause for every key that it sets."""
    try:
        pack = PackFile.model_validate(source.tree)
    except ValidationError as error:
        raise ConfigError(problems(error, PackFile, lambda _: source.file)) from None
    given = {dotted(key) for key in config_files.leaves({"rules": source.tree.get("rules", {})})}
    told = set(pack.pack.clauses)
    rows = [(key, "form.clause", "config.add_clause") for key in sorted(given - told)]
    rows += [(f"pack.clauses.{key}", "form.clause_key", "config.remove_clause") for key in sorted(told - given)]
    if rows:
        raise ConfigError(
            tuple(Problem(source.file, k, "-", Said(allowed), Said(todo)) for k, allowed, todo in rows)
        )
    return pack


def _problem(finding: Finding, tree: Mapping[str, Any], file: str) -> Problem:
    key = tuple(finding.key.split("."))
    found: Any = tree
    for part in key:
        found = found.get(part) if isinstance(found, dict) else None
    said = "-" if found is None or isinstance(found, dict) else shown(key, found)
    return Problem(file, finding.key, said, Said("form.see_below"), Said(finding.code, finding.args))


def _origin(key: Key, read: _Read, values: Mapping[str, Any]) -> Origin:
    file = read.files.get(key, "")
    pack = read.packs.get(file)
    clause = pack.pack.clauses.get(dotted(key), "") if pack else ""
    document = pack.pack.document if pack else ""
    return Origin(dotted(key), values[key[1]][key[2]], file, document, clause, _source(key))


def _source(key: Key) -> str:
    """The source of a default, as its key states it."""
    table = Rules.model_fields[key[1]].annotation
    extra = table.model_fields[key[2]].json_schema_extra if table is not None else None
    return str(extra.get("source", "")) if isinstance(extra, dict) else ""
