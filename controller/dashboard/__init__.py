"""The control centre: one process (`diemcau centre`), or several of each of its two halves.

    rooms ──MQTT──▶ recorder ──▶ database ◀── web ──HTTP, SSE──▶ people
                                   ▲            └──MQTT commands──▶ rooms

The recorder stores what rooms say and acknowledges it when it is on disk; it also thinks (incidents, notices), one
recorder at a time by a lease in the database. The web half is stateless: what it shows is the database and what it
hears live. Laws: asyncio, for it is a network server and drives no wire; it speaks to rooms by the contract on the
wire alone and imports nothing of the room's runtime or link; what decides (rights, incidents, board, figures) is
pure: a module without I/O beside the one that serves it.
"""
