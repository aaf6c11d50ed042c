"""The simulation itself: its plan, its wires, its files and its commands."""
