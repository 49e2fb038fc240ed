"""The network that finds people and the ball in one picture."""
