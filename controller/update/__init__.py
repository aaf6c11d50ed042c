"""Updates of a room: signed (python-tuf), decided by the room itself, tried, and taken back when they do not live.

`selector` alone runs at every start of a service: the standard library only, outside the releases. `plan` and
`gate` are pure. `disk` and `slots` change files so that a power cut between any two steps leaves a room that
starts. `client` alone knows tuf; `release` makes what it reads. Nothing here is ever loaded by the controller.
"""
