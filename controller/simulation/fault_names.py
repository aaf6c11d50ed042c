"""Names of what may go wrong in a simulated year, and how often each strikes."""

from __future__ import annotations

FAULTS = (
    "mains_cut",
    "mains_flicker",
    "codec_hang",
    "codec_deaf",
    "codec_reboot",
    "codec_update",
    "camera_hang",
    "camera_power",
    "sensor_dead",
    "sensor_wild",
    "ups_stale",
    "ups_driver",
    "keeper_restart",
    "controller_crash",
    "clock_jump",
    "clock_lost",
    "hand_key",
    "serial_noise",
    "desk_away",
    "welded_relay",
    "button_chatter",
    "heat",
    "smoke_false",
    "leak",
    "wire_bitten",
    "motion_stuck",
    "cabinet_open",
    "dim",
    "line_cut",
    "lan_cut",
    "far_gone",
    "icmp_blocked",
    "congestion",
    "media_stops",
    "voltage_sag",
    "disk_full",
    "disk_readonly",
    "disk_failing",
    "cable_out",
    "camera_idle",
    "half_open",
    "sensor_stuck",
    "clock_dead",
    "call_reboot",
    "call_reset",
    "setting_changed",
    "preset_moved",
    "relay_stuck",
)
"""Everything that may go wrong here (N22); `--faults` takes any of these names."""


PER_YEAR = {"mains_cut": 25, "mains_flicker": 20, "heat": 3, "welded_relay": 2, "hand_key": 4}
PER_YEAR |= {"smoke_false": 4, "leak": 3, "wire_bitten": 2, "motion_stuck": 5}
"""How often a fault strikes in a year; others ten times."""
