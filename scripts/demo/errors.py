"""The ways in which the demonstration gives up."""


class DemoFailed(Exception):
    """The demonstration cannot go on. The message is for the person at the terminal."""


class ServerGone(DemoFailed):
    """Nobody answers at the server's address; why may stand in its log."""
