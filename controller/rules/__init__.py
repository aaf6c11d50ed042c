"""Rules: pure functions from a View to yields. One file per family; its head names the rule and its clause."""
