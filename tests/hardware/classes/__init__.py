"""What every device of a class must do, whatever its make: the same expectations over simulated and real ones."""
