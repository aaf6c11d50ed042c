"""`diemcau config check | schema | example | keeper`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from controller import config
from controller.cli_words import WRONG, complain
from controller.config_devices import keeper_table
from controller.config_model import RoomConfig
from controller.texts import text
from hardware.keeper_table import dumps


def config_command(what: str, files: Sequence[Path], lang: str | None) -> int:
    """One of the four. `check`: 78 = cannot be used, 1 = usable with defects, 0 = good (warnings are said)."""
    if what == "schema":
        sys.stdout.write(json.dumps(config.schema(), ensure_ascii=False, indent=1) + "\n")
        return 0
    if what == "example":
        sys.stdout.write(config.example())
        return 0
    try:
        cfg = config.load(files)
        remarks = config.learnt(files) if what == "check" else ()
    except config.ConfigError as error:
        return complain(error, lang)
    if what == "keeper":
        sys.stdout.write(dumps(keeper_table(cfg)) + "\n")
        return 0
    return _check(cfg, remarks, lang or cfg.room.language)


def _check(cfg: RoomConfig, remarks: Sequence[config.Finding], lang: str) -> int:
    findings = [*config.check(cfg), *remarks]
    for finding in findings:
        severity = text(f"severity.{finding.severity}", lang)
        sys.stdout.write(f"{severity}: {finding.key}: {text(finding.code, lang, finding.args)}\n")
    sys.stdout.write(text("config.good", lang, (cfg.room.name, len(findings))) + "\n")
    return WRONG if any(finding.severity == "defect" for finding in findings) else 0
