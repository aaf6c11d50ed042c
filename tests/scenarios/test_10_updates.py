"""10. An update bricks the device, or changes its dependencies and cannot go back.

What can be shown before there are bundles: dependencies are locked by what is in them, and pip refuses others."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.hardware.keeper_process import ROOT

LOCK = ROOT / "requirements.lock"


def loose(text: str) -> list[str]:
    """Requirements that are not one version and its hashes."""
    joined = re.sub(r"\\\n\s*", " ", text)
    rows = [row for row in joined.splitlines() if row.strip() and not row.lstrip().startswith("#")]
    return [row.split()[0] for row in rows if "==" not in row.split()[0] or "--hash=sha256:" not in row]


def test_every_dependency_is_one_version_with_the_hashes_of_its_files() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert len(re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)) > 10
    assert loose(text) == []


def test_without_them_it_is_seen() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert loose(re.sub(r"--hash=\S+", "", text))
    assert loose(text.replace("==", ">=", 1))


def wheel(folder: Path, says: str) -> str:
    """A wheel of one module; its hash."""
    path = folder / "parts-1.0-py3-none-any.whl"
    info = "parts-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("parts.py", f"WORD = {says!r}\n")
        made.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: parts\nVersion: 1.0\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", f"parts.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def installed(folder: Path, lock: str) -> tuple[int, str]:
    """pip's verdict on the wheel in `folder`, and what the module says then ('' = there is none)."""
    (folder / "lock").write_text(lock, encoding="utf-8")
    target = folder / "site"
    words = ["install", "--isolated", "--no-index", "--no-deps", "--no-cache-dir"]
    words += ["--find-links", str(folder), "--target", str(target)]
    pip = [sys.executable, "-m", "pip", *words, "-r", str(folder / "lock")]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=120, check=False)
    module = target / "parts.py"
    return done.returncode, module.read_text(encoding="utf-8") if module.exists() else ""


def test_a_file_of_the_same_version_with_other_contents_is_not_installed(tmp_path: Path) -> None:
    true_hash = wheel(tmp_path, "as tested")
    lock = f"parts==1.0 --hash=sha256:{true_hash}\n"
    assert installed(tmp_path, lock) == (0, "WORD = 'as tested'\n")
    (tmp_path / "site/parts.py").unlink()
    wheel(tmp_path, "something else")
    code, word = installed(tmp_path, lock)
    assert code != 0
    assert word == ""


def test_without_the_hash_it_is_installed(tmp_path: Path) -> None:
    wheel(tmp_path, "something else")
    assert installed(tmp_path, "parts==1.0\n") == (0, "WORD = 'something else'\n")
