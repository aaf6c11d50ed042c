"""What of others `make demo` and `make test` need, and which Debian package has it. Tables only.

Law: standard library only, for it is read before anything is installed.
"""

from __future__ import annotations

from pathlib import Path

from controller.demo import binaries

PACKAGE_OF = {
    "mosquitto": "mosquitto",
    "upsd": "nut-server",
    "dummy-ups": "nut-server",
    "nutdrv_qx": "nut-server",
    "blazer_ser": "nut-server",
    "mbpoll": "mbpoll",
    "systemd-analyze": "systemd",
    "systemd-sysusers": "systemd",
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "qemu-system-x86_64": "qemu-system-x86",
    "mkfs.ext4": "e2fsprogs",
    "openssl": "openssl",
    "shellcheck": "shellcheck",
    "node": "nodejs",
    "npm": "npm",
    "chromium": "chromium",
    "initdb": "postgresql",
    "postgres": "postgresql",
    "pg_isready": "postgresql",
    "createdb": "postgresql",
}
FONT_PACKAGE = "fonts-dejavu-core"
"""Letters for what is printed: the tests print."""
FONT_PLACES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), binaries.CACHE / "fonts")
PROGRAMS = {
    "services": ("mosquitto", "upsd", "dummy-ups"),
    "tests": (
        "systemd-analyze",
        "systemd-sysusers",
        "shellcheck",
        "nutdrv_qx",
        "blazer_ser",
        "mbpoll",
        "openssl",
        "node",
        "npm",
        "chromium",
        "initdb",
        "postgres",
        "pg_isready",
        "createdb",
    ),
    "machines": ("systemd-nspawn", "mmdebstrap"),
    "soak": ("qemu-aarch64-static", "qemu-system-x86_64", "mkfs.ext4"),
}
