"""Private, throw-away servers for tests: temporary folder, free port, stopped by process id."""
