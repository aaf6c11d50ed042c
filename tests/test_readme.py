"""The README is held to what exists: its python, its room.toml, its commands, its diagram, its tables."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib import metadata
from pathlib import Path

import pytest

from controller import cli_words, config
from controller.cli_table import parser
from controller.core.phases import diagram
from controller.dashboard.settings import load

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", TEXT)


def commands() -> list[str]:
    """Lines that a reader may type and that need neither devices nor a running room."""
    lines = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    return [line for line in lines if line.startswith("diemcau ")]


def rows(title: str) -> list[list[str]]:
    """The cells of the first table whose first heading is `title`."""
    table = TEXT[TEXT.index(f"| {title} |") :].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_runs(block: str) -> None:
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


def test_the_room_of_the_walk_through_has_nothing_worse_than_a_note() -> None:
    room = config.loads("\n".join(blocks("toml")))
    found = [row for row in config.check(room) if row.severity not in ("note",)]
    assert [row.text("en") for row in found] == []


def test_the_other_devices_fit_into_that_room() -> None:
    """Tables that stand there instead of those of the walk-through and what is under them; a contact cable is not
    worse than a note."""
    text = "\n".join(blocks("toml"))
    for table in re.split(r"(?m)^(?=\[)", "".join(blocks("toml instead"))):
        name = re.escape(table.partition("\n")[0].strip("[]"))
        text = re.sub(rf"(?ms)^\[{name}(\.[^]]*)?\]\n.*?(?=^\[|\Z)", "", text) + "\n" + table
    found = [row for row in config.check(config.loads(text)) if row.severity != "note"]
    assert [row.text("en") for row in found] == []


def test_the_centres_settings_load(tmp_path: Path) -> None:
    (block,) = blocks("toml centre")
    (tmp_path / "centre.toml").write_text(block, encoding="utf-8")
    assert load(tmp_path / "centre.toml").web.secure
    (provider,) = blocks("toml centre oidc")
    (tmp_path / "centre.toml").write_text(f"{block}\n{provider}", encoding="utf-8")
    assert load(tmp_path / "centre.toml").oidc.roles["diemcau-operator"] == "operator"


@pytest.mark.process
@pytest.mark.parametrize("command", commands())
def test_the_commands_run(command: str) -> None:
    words = [sys.executable, "-m", "controller", *shlex.split(command)[1:]]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_is_in_the_table_and_no_other() -> None:
    told = {word.split()[1] for row in rows("command") for word in re.findall(r"`(diemcau \w[\w-]*)", row[0])}
    told |= {
        word.split()[1]
        for table in TEXT.split("## Commands")[1:]
        for word in re.findall(r"`(diemcau \w[\w-]*)", table)
    }
    there = re.findall(r"(?m)^    ([\w-]+)[ \n]", parser("en").format_help())
    assert told == set(there)


def test_every_exit_code_is_in_the_table() -> None:
    codes = {cli_words.WRONG, cli_words.USAGE, cli_words.UNAVAILABLE, cli_words.NOT_NOW, cli_words.CONFIG, 0}
    assert {int(row[0]) for row in rows("exit code")} == codes


def test_the_phases_are_the_cores() -> None:
    shown = TEXT.partition("<!-- phases -->")[2].partition("<!-- /phases -->")[0]
    assert shown.strip() == f"```mermaid\n{diagram()}\n```"


def test_the_modes_are_the_defaults() -> None:
    room = config.loads(
        "\n".join(blocks("toml")).replace("[rules.modes]", "[rules.unused]").partition("[rules.")[0]
    )
    modes = room.rules.modes.model_dump()
    told = {row[0].split()[0]: row[2] for row in rows("rule")}
    assert {rule: mode for rule, mode in told.items() if mode != "–"} == modes


def test_every_make_target_that_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z]+)", TEXT)):
        assert re.search(rf"(?m)^{target}:", makefile), target


def test_its_picture_is_there_and_whole() -> None:
    (picture,) = re.findall(r"!\[.+?\]\((.+?)\)", TEXT)
    assert ElementTree.parse(ROOT / picture).getroot().tag.endswith("svg")


def test_every_room_of_the_map_exists_and_no_folder_is_missing() -> None:
    told = [word for row in rows("room") for word in re.findall(r"`([\w*/.]+)`", row[0])]
    for word in told:
        folder = "hardware" if (ROOT / "hardware" / word).exists() else "controller"
        assert list(ROOT.glob(word)) or list((ROOT / folder).glob(word)), word
    folders = {path.parent for path in ROOT.glob("controller/*/__init__.py")}
    folders |= {path.parent for path in ROOT.glob("hardware/*/__init__.py")}
    assert {f"{path.relative_to(ROOT)}/" for path in folders} <= set(told)


def test_the_installed_units_and_the_configuration_meet_at_one_socket() -> None:
    unit = (ROOT / "systemd" / "diemcau-relays.service").read_text(encoding="utf-8")
    assert f"--socket {config.loads(config.example()).keeper.socket}" in unit


def needed(name: str, extras: tuple[str, ...] = ()) -> set[str]:
    """What is imported with a package, as far as it is installed here; names as pip writes them."""
    found: set[str] = set()
    todo = [(name, extras)]
    while todo:
        package, wanted = todo.pop()
        try:
            lines = metadata.requires(package) or []
        except metadata.PackageNotFoundError:
            continue  # for another system or python
        for line in lines:
            if "extra ==" in line and not any(f"'{e}'" in line or f'"{e}"' in line for e in wanted):
                continue
            other = re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-")
            if other not in found:
                found.add(other)
                todo.append((other, ()))
    return {package for package in found if installed(package)}


def installed(package: str) -> bool:
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def licence(package: str) -> str:
    """What the package says of its licence, in every place where it may say it."""
    about = metadata.metadata(package)
    fields = [about[name][:60] for name in ("License-Expression", "License") if name in about]
    return " ".join([*fields, *(c for c in about.get_all("Classifier") or () if c.startswith("License"))])


def test_every_package_of_the_process_is_named_and_none_is_under_the_gpl() -> None:
    told = {word for row in rows("package") for word in row[0].split(", ")}
    packages = needed("diemcau", ("demo",))
    assert {"gpiozero", "pydantic-core", "rich"} <= packages
    assert packages <= told
    assert [package for package in packages if "GPL" in licence(package)] == []
