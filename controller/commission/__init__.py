"""Commissioning: fourteen steps from a wired box to an accepted room. PURE: scripts yield what is to be asked, done
or seen, and get what came of it; who has ports, terminal and files is `controller.cli_commission*`."""
