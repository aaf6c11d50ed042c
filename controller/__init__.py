"""One room: its core (pure), its rules (pure), its runtime, its link to the centre, its command line."""
