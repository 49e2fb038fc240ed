"""What must hold under faults: real processes are killed, frozen and cut off, and then the books are checked.

``make faults`` runs all of it and writes ``docs/faults.md``; ``test_faults.py`` is the short version.
"""
