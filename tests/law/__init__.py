"""Laws of the room over simulated days: that they hold, that each can fail, and that all is met on the way."""
