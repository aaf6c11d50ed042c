"""A real Home Assistant for tests: own folder, own port of loopback, ended by its own process id. Everything is
done by its web interface, as the person does who sets it up; no file of its store is written."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from controller.demo.hass import PROGRAM
from tests.process.watch import soon
from tests.services.mosquitto import free_port

START_S, STOP_S, ANSWER_S = 120.0, 60.0, 30.0
_SETTINGS = """\
homeassistant:
  time_zone: Asia/Ho_Chi_Minh
http:
  server_host: 127.0.0.1
  server_port: {port}
logger:
  default: warning
"""
_EXPECTED = frozenset({"homeassistant.bootstrap", "aiohttp_fast_zlib", "homeassistant.components.camera.img_util"})
"""Who may warn, of what this machine lacks: packages fetched at the start, a faster zlib, libturbojpeg."""
_COMPLAINT = re.compile(r"^\S+ \S+ (?:WARNING|ERROR|CRITICAL) \(.*?\) \[([^]]+)\].*$", re.MULTILINE)
_DEVICE = """\
{% set id = device_id(name) %}{{ ({
  "entities": device_entities(id), "area": area_name(id), "maker": device_attr(id, "manufacturer"),
  "identifiers": device_attr(id, "identifiers") | list,
} if id else {}) | tojson }}"""


class Hass:
    """`start`, then `at_broker` once; the entities outlive a `stop`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._client = folder, f"http://127.0.0.1:{free_port()}"
        self._token = ""
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "tmp").mkdir(parents=True)
        port = self._client.rpartition(":")[2]
        (folder / "configuration.yaml").write_text(_SETTINGS.format(port=port), encoding="utf-8")

    def __enter__(self) -> Hass:
        self.start()
        self._token = self._first_user()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ---- life

    def start(self) -> None:
        """Waits until it has started, with all that it is to bring up."""
        words: list[str | Path] = [
            PROGRAM,
            "-m",
            "homeassistant",
            "--config",
            self._folder,
            "--skip-pip",
            "--log-no-color",
        ]
        env = {**os.environ, "TMPDIR": str(self._folder / "tmp")}
        env.pop("PYTHONPATH", None)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(words, env=env, cwd=self._folder, stdout=log, stderr=log)
        assert soon(self._runs, START_S), self._log.read_text(encoding="utf-8")[-3000:]

    def stop(self) -> None:
        """Ends it, politely first. Does nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def _log(self) -> Path:
        return self._folder / "said.log"

    def complaints(self) -> list[str]:
        """What it warned of since it was made."""
        text = self._log.read_text(encoding="utf-8")
        return [found[0] for found in _COMPLAINT.finditer(text) if found[1] not in _EXPECTED]

    def _runs(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8")[-3000:]
        try:
            if not self._token:
                return bool(self._ask("/api/onboarding"))
            return bool(self._ask("/api/config")["state"] == "RUNNING")
        except (HTTPError, URLError, ConnectionError, TimeoutError):
            return False

    # ---- what its administrator does

    def _first_user(self) -> str:
        """The token of who sets it up."""
        person = {"name": "Test", "username": "test", "password": "of a test", "language": "en"}
        code = self._ask("/api/onboarding/users", {**person, "client_id": self._client})["auth_code"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": self._client}
        sent = self._send("/auth/token", urlencode(form).encode(), "application/x-www-form-urlencoded")
        return str(sent["access_token"])

    def at_broker(self, port: int, user: str, password: str, authority: Path) -> None:
        """Adds MQTT: this account at this listener, whose certificate is of this authority."""
        flows = "/api/config/config_entries/flow"
        flow = f"{flows}/{self._ask(flows, {'handler': 'mqtt', 'show_advanced_options': True})['flow_id']}"
        form = {"broker": "127.0.0.1", "port": port, "username": user, "password": password}
        self._ask(flow, {**form, "advanced_options": True})
        form["set_ca_cert"] = "custom"
        self._ask(flow, form)
        made = self._ask(flow, {**form, "certificate": self._upload(authority)})
        assert made["type"] == "create_entry", made

    def _upload(self, file: Path) -> str:
        line = "a-line-that-no-certificate-has"
        head = f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
        body = head.encode() + file.read_bytes() + f"\r\n--{line}--\r\n".encode()
        return str(self._send("/api/file_upload", body, f"multipart/form-data; boundary={line}")["file_id"])

    # ---- what its user sees and does

    def device(self, name: str) -> dict[str, Any]:
        """The device called so, and which entities it has; {} = there is none."""
        found = self._ask("/api/template", {"template": _DEVICE, "variables": {"name": name}})
        assert isinstance(found, dict)
        return found

    def states(self) -> dict[str, str]:
        """What every entity shows."""
        return {one["entity_id"]: one["state"] for one in self._ask("/api/states")}

    def attributes(self, entity: str) -> dict[str, Any]:
        """Unit, class and all else that goes with an entity's state."""
        return dict(self._ask(f"/api/states/{entity}")["attributes"])

    def shows(self, **wanted: str) -> None:
        """Waits until these entities (`__` = the dot) show these states."""
        rows = {name.replace("__", "."): state for name, state in wanted.items()}
        soon(lambda: rows.items() <= self.states().items(), ANSWER_S)
        states = self.states()
        found = {name: states.get(name) for name in rows}
        assert found == rows, found

    def press(self, entity: str) -> None:
        self._ask("/api/services/button/press", {"entity_id": entity})

    # ---- its web interface

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._send(path, None if body is None else json.dumps(body).encode(), "application/json")

    def _send(self, path: str, body: bytes | None, kind: str) -> Any:
        head = {"Content-Type": kind} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        with urlopen(Request(self._client + path, body, head), timeout=ANSWER_S) as answer:
            return json.loads(answer.read())
