"""What the updater tells goes to the centre; an accepted order becomes a file that systemd looks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from controller.core.events import Command, Force
from controller.core.records import Reply
from controller.runtime.pi_orders import PiOrders


class Post:
    def __init__(self) -> None:
        self.said: list[dict[str, object]] = []
        self.full = False

    def __call__(self, payload: bytes) -> bool:
        if not self.full:
            self.said.append(json.loads(payload))
        return not self.full


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def edge(tmp_path: Path, post: Post) -> PiOrders:
    for name in ("told", "asks"):
        (tmp_path / name).mkdir()
    return PiOrders(tmp_path / "told", tmp_path / "asks", post, "0.1.0")


def tell(tmp_path: Path, stage: str, **more: object) -> None:
    (tmp_path / "told" / "progress.json").write_text(json.dumps({"installed": "0.1.0", "stage": stage, **more}))


def test_without_an_updater_the_version_is_told_once(edge: PiOrders, post: Post) -> None:
    edge.look()
    edge.look()
    assert [(one["installed_version"], one["latest_version"], one["in_progress"]) for one in post.said] == [
        ("0.1.0", "0.1.0", False)
    ]


def test_progress_and_result_are_told_with_their_reason(edge: PiOrders, post: Post, tmp_path: Path) -> None:
    tell(tmp_path, "downloading", latest="0.2.0", code="update.downloading", args=["0.2.0"])
    edge.look()
    assert post.said[-1]["update_percentage"] == 20
    assert post.said[-1]["latest_version"] == "0.2.0"
    (tmp_path / "told" / "progress.json").unlink()
    tell(tmp_path, "back", latest="0.2.0", code="update.back", args=["0.2.0", "0.1.0", "update.silent", "codec"])
    edge.look()
    assert (post.said[-1]["in_progress"], post.said[-1]["code"]) == (False, "update.back")


def test_what_could_not_be_kept_is_told_again(edge: PiOrders, post: Post) -> None:
    post.full = True
    edge.look()
    post.full = False
    edge.look()
    assert len(post.said) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", '{"stage": 3, "args": "x"}'])
def test_a_torn_file_is_no_progress(edge: PiOrders, post: Post, tmp_path: Path, text: str) -> None:
    (tmp_path / "told" / "progress.json").write_text(text)
    edge.look()
    assert post.said[-1]["in_progress"] is False


def order(id_: str, verb: str, force: Force | None = None) -> Command:
    return Command(id_, "lan", verb, (), 10**9, force=force)


def test_an_accepted_order_is_left_for_systemd_with_who_gave_it(edge: PiOrders, tmp_path: Path) -> None:
    edge.heard(order("c1", "update"))
    edge.heard(order("c2", "restart", Force("Lan", "treo máy")))
    edge.heard(order("c3", "power"))
    assert [edge.decided(Reply(id_, "accepted")) for id_ in ("c1", "c2", "c3", "c4")] == [""] * 4
    asks = tmp_path / "asks"
    assert sorted(one.name for one in asks.iterdir()) == ["restart-request", "update-request"]
    assert json.loads((asks / "update-request").read_text()) == {"id": "c1", "by": "lan", "force": ""}
    assert json.loads((asks / "restart-request").read_text())["force"] == "Lan"


def test_a_refused_order_leaves_nothing_and_a_lost_folder_is_said(edge: PiOrders, tmp_path: Path) -> None:
    edge.heard(order("c1", "update"))
    edge.decided(Reply("c1", "refused", "N9.in_call"))
    asks = tmp_path / "asks"
    assert list(asks.iterdir()) == []
    asks.rmdir()
    edge.heard(order("c2", "update"))
    assert edge.decided(Reply("c2", "accepted")) == "errno.ENOENT"
