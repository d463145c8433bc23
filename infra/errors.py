"""The one exception that a command turns into a message and a non-zero status."""


class InfraError(Exception):
    """Something outside the code is wrong; the message says what, and what can be done about it."""
