"""Copies of an installation: its rows and its files, as of one moment (docs/decisions/0035)."""
