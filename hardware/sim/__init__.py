"""Far ends: devices as the other side of a wire, with memory and faults. Never uses our own encoders."""
