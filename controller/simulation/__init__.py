"""The discrete-event simulation: the real core, the real conversations, far ends in memory, simulated time.

No threads, no clocks, one seed. It ships with the product: `diemcau simulate` runs it, `diemcau replay` runs it
again from its own journal, and a commune's odd day can be asked for by name.
"""
