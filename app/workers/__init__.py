"""What makes jobs run. Thin: the work itself is a use case in ``app.services``."""
