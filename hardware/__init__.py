"""The ground floor: knows devices, knows nothing of rooms and rules. Never imports `controller`."""
