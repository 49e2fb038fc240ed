"""The network that finds points and lines of the pitch in one picture."""
