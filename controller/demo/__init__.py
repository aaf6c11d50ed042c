"""The demo and what `make` needs before it: set-up of a fresh machine, real services on loopback. Nothing that
runs on a room's Pi lives here."""
