"""What a person reads where a source is refused: a sentence of each kind, and no library's English in it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.texts import LANGUAGES, catalogue
from controller.update.__main__ import detail, main, sentence, with_titles
from controller.update.kept import Said
from tests.controller.update.kit import FakePi, Office, Quiet, card, once, served
from tests.services.mosquitto import free_port

_WORD = re.compile(r"[A-Za-z]{3,}")
OURS = {word for row in catalogue().values() for word in _WORD.findall(row["vi"])}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "office")
    made.release("0.2.0")
    return made


def older(www: Path) -> None:
    shutil.rmtree(www)
    shutil.copytree(www.with_name("old"), www)


def changed(www: Path) -> None:
    stored = next((www / "targets/ring-0").iterdir())
    stored.write_bytes(bytes(stored.stat().st_size))


def unsigned(www: Path) -> None:
    path = www / "metadata/timestamp.json"
    tree = json.loads(path.read_bytes())
    tree["signatures"] = []
    path.write_text(json.dumps(tree), encoding="utf-8")


def unreadable(www: Path) -> None:
    (www / "metadata/timestamp.json").write_bytes(b"[]")


def answer(www: Path) -> None:
    (www / "metadata/timestamp.json").unlink()


@pytest.mark.parametrize("spoil", [older, changed, unsigned, unreadable, answer], ids=lambda spoil: spoil.__name__)
def test_each_kind_has_its_sentence_and_the_librarys_words_stay_a_detail(
    office: Office, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    www = office.folder / "www"
    pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])
    if spoil is older:
        shutil.copytree(www, www.with_name("old"))
        office.release("0.3.0")
        assert once(pi).stage == "done"
    spoil(www)
    told(pi, f"foreign.update.{spoil.__name__}", office.url)


def told(pi: FakePi, reason: str, *typed: str) -> None:
    said = once(pi)
    assert said.stage == "failed"
    assert reason in said.args
    words = detail(said)
    assert words
    for lang in LANGUAGES:
        assert catalogue()[reason][lang] in sentence(said, lang)
        assert words.strip(" []") not in sentence(said, lang)
    shown = sentence(said, "vi")
    for name in typed:
        shown = shown.replace(name, "")
    assert set(_WORD.findall(shown)) <= OURS


def test_a_server_that_is_not_there_or_speaks_no_tls(office: Office, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    told(card(tmp_path / "a", "0.1.0", office.repository.root_file(), [url]), "errno.ECONNREFUSED", url)
    with served(office.folder / "www", Quiet) as plain:
        secure = plain.replace("http:", "https:")
        told(card(tmp_path / "b", "0.1.0", office.repository.root_file(), [secure]), "foreign.tls", secure)


def test_a_meeting_that_is_in_the_way_is_called_by_title_and_time_where_they_are_known() -> None:
    said = Said("waiting", "update.soon", ("giao-ban@1",))
    view = {"detail": {"titles": {"giao-ban@1": {"title": "Giao ban", "start_ms": 1_772_413_200_000}}}}
    assert sentence(with_titles(said, view, "vi"), "vi") == "Sắp có phiên họp “Giao ban” (08:00 02/03/2026)"
    assert with_titles(said, None, "vi") == said
    odd: dict[str, object] = {"detail": {"titles": {"giao-ban@1": {"title": "x", "start_ms": "8:00"}, "y": 1}}}
    assert with_titles(said, odd, "vi") == said


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    return lambda: capsys.readouterr().err


def test_the_services_log_has_both(office: Office, tmp_path: Path, log: Callable[[], str]) -> None:
    unsigned(office.folder / "www")
    pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])
    assert main(["--root", str(pi.root), "--force", "An"]) != 0
    line = log()
    assert catalogue()["foreign.update.unsigned"]["vi"] in line
    assert re.search(r"\[.*timestamp.*\]", line)
