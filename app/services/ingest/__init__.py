"""From an engine's CSV files to validated samples and the figures of a match. No database here."""
