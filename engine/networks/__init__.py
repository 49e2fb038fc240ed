"""Networks that find people and the ball in one picture: our own, and those that users bring."""
