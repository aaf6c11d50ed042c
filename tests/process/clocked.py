"""A controller whose clock a test rules, for `House.start`."""

CLOCK = """
import os, sys, time
from pathlib import Path
from gpiozero.pins.mock import MockFactory
from controller import config
from controller.plan_make import plan_of
from controller.runtime.clock import Sources
from controller.runtime.station import Setting, Station

root = Path(sys.argv[2])

def wall_ns():
    ahead = root / "ahead_s"
    return time.time_ns() + (int(ahead.read_text()) * 10**9 if ahead.exists() else 0)

clock = Sources(root=root, wall_ns=wall_ns, disciplined=lambda: False)
plan = plan_of(config.load(Path(sys.argv[1])))
sys.exit(Station(plan, Setting(os.environ, os.getpid(), MockFactory, root / "sys", clock)).run())
"""
"""The controller on a machine whose clock is trusted when timesyncd says so, whatever this one's kernel says, and
`ahead_s` seconds ahead of the true time."""
