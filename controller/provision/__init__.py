"""The office that gives rooms their identity: the authority, bundles for rooms, files for brokers, renewals.

Runs at the centre or on a machine without network, never in a room: the room's half is `controller.adopt`, with the
standard library alone. Needs `cryptography`, which the extra `centre` brings.
"""
