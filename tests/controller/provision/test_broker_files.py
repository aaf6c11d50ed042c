"""What a broker gets. That it works is proven with a real one in tests/services/test_broker_tls.py."""

from __future__ import annotations

from pathlib import Path

from controller.provision.broker_files import texts, write

SHIPPED = Path(__file__).resolve().parents[3] / "systemd" / "mosquitto"


def test_what_is_shipped_is_what_is_made() -> None:
    assert {path.name: path.read_text() for path in SHIPPED.iterdir()} == dict(texts())


def test_no_password_is_shipped_and_two_brokers_have_two(tmp_path: Path) -> None:
    made = [{path.name: path.read_text() for path in write(tmp_path / name)} for name in ("a", "b")]
    assert made[0]["centre.password"] != made[1]["centre.password"]
    assert made[0]["centre.password"] != made[0]["bridge.password"]
    assert len(made[0]["centre.password"].strip()) >= 32
