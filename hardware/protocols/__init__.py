"""Wire protocols without I/O: bytes in, bytes and readings out. Standard library and `hardware.contract` only."""
