"""What takes an hour is left to ``make fuzz``."""

import os

collect_ignore = [] if os.environ.get("FUZZ_EXAMPLES") else ["test_every_string.py"]
