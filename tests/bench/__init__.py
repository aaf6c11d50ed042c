"""`make bench`: what the controller costs, beside a minimal script of the same libraries in the same run."""
