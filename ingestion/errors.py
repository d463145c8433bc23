"""What a person at a terminal is told in one line instead of a traceback (`ingestion.db.EXPECTED`)."""


class ExpectedError(Exception):
    """A setting, a file, a number or a name to correct: the message says which."""
