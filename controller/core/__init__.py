"""The deciding core: pure values and functions. No clock, no I/O, no thread, no log, no randomness."""
