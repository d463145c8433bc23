"""Whether a file that somebody sends is there as a whole: nobody writes to it, and it stands still."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from typing import IO

from ingestion import settings
from ingestion.errors import ExpectedError

State = tuple[int, ...]
"""What tells a file from another, and from itself before it changed."""


class UnstableFileError(ExpectedError):
    """A file that is still being written."""


def state_of(facts: os.stat_result) -> State:
    """Which file it is, how long, and when it changed."""
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def is_still(stream: IO[bytes], state: State) -> bool:
    """Whether a file is as it was, and nobody is about to change it."""
    return state_of(os.fstat(stream.fileno())) == state and not _is_being_written(stream)


def require(stream: IO[bytes], state: State) -> None:
    """Raise UnstableFileError unless `is_still`."""
    if not is_still(stream, state):
        raise UnstableFileError(f"{stream.name} is still being written: again, once it is whole")


def wait(stream: IO[bytes]) -> State:
    """Wait until the quiet time since the last change is over; give the state, or UnstableFileError."""
    facts = os.fstat(stream.fileno())
    # The kernel's change time: unlike the modification time, no copying tool sets it back.
    remaining = settings.inbox_quiet_seconds() - (time.time() - facts.st_ctime)
    if remaining > 0:
        time.sleep(min(remaining, settings.inbox_quiet_seconds()))
    require(stream, state_of(facts))
    return state_of(facts)


def _is_being_written(stream: IO[bytes]) -> bool:
    """Whether a program of this machine has the file open to write: then the kernel grants no read lease.

    Of somebody else's file, and where there are no leases, nobody can tell: only the quiet time does.
    """
    descriptor = stream.fileno()
    try:
        # Whoever opens it to write while the lease is held waits, and we are told: by what does not end us.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
