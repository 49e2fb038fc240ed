"""The one way in which the demonstration gives up."""


class DemoFailed(Exception):
    """The demonstration cannot go on. The message is for the person at the terminal."""
