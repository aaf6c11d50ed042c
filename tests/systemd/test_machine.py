"""The machine that tests boot: a failure in it says what there is to know, and no other machine can cause one."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.demo import trees
from tests.systemd.machine import WHY_NOT, Machine

pytestmark = [pytest.mark.services, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")]

SPOILT = "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo no key here; exit 3'\n"


def test_a_service_that_does_not_start_says_why_and_its_control_group_is_the_machines_own(tmp_path: Path) -> None:
    machine = Machine(next(iter(trees.SUITES)), tmp_path)
    try:
        machine.write("/etc/systemd/system/spoilt.service", SPOILT)
        machine.boot()
        for words in (("systemctl", "start", "spoilt.service"), ("sh", "-c", "systemctl restart spoilt")):
            with pytest.raises(AssertionError, match=r"(?s)Result=exit-code.*ExecMainStatus=3.*no key here"):
                machine.tell(*words)
        group = machine.inside("/proc/1/cgroup").read_text(encoding="utf-8")
        of_init = [row.rpartition(":")[2] for row in group.splitlines() if row.endswith("/init.scope")]
        assert of_init
        assert all(machine.root.parent.name in path for path in of_init), group
    finally:
        machine.remove()
