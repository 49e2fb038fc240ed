"""``make demo``: analyse the sample match through the public REST API, and show what came of it."""
