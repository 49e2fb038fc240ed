"""What the orchestrator and an analysis engine agree on: the wire format, the CSV columns, the calibration file."""
