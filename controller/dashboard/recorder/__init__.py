"""The recorder half: hears rooms, stores what they say, acknowledges it when it is on disk; and thinks, when it
holds the lease. Several recorders share the work by a shared subscription."""
