"""Pictures of pitches that nobody has filmed, by cameras that are known exactly."""
