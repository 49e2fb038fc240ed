"""Use cases and the parts they need. No HTTP here."""
