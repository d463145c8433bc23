"""The time and the memory that the reading of one file may take, however a library gets lost in it.

Only the time inside the reader counts, not that of the database which takes its records. A reader is stopped
wherever it runs Python, as PDF and HTML table readers do; a call into C is seen when it returns, and those of
our libraries take time in proportion to a size that `limits` bounds.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from ingestion.french import agreeing, format_number
from ingestion.read import UnreadableDelivery

MOST_SECONDS = 600.0
"""For one file: ten million rows take a tenth of it."""
MOST_MEMORY = 1536 * 1024 * 1024
"""Octets that the process may grow by while it reads one file; ten million rows take a tenth of it."""

T = TypeVar("T")
_LOOKS = 0.25  # seconds between two looks at the clock, at most


class _Stopped(BaseException):  # not an Exception: no reader takes it for a fault of its file
    pass


def within(
    read: Callable[[], Iterator[T]], name: str, seconds: float | None = None, memory: int | None = None
) -> Iterator[T]:
    """Give what a reader gives, from calling it on; UnreadableDelivery, naming the limit, when it is over.

    `name` says which file it is, in French. The limits are MOST_SECONDS and MOST_MEMORY unless `seconds` or
    `memory` (octets) are given.
    """
    limit = MOST_SECONDS if seconds is None else seconds
    most = MOST_MEMORY if memory is None else memory
    watch = _Watch(limit, most)
    try:
        records = watch.timed(read)
        while True:
            try:
                record = watch.timed(lambda: next(records))
            except StopIteration:
                return
            yield record
    except _Stopped:
        if watch.is_too_large:
            found = f"une lecture qui prend plus de {format_number(most)} octets de mémoire"
            raise UnreadableDelivery(name, found, f"au plus {format_number(most)}") from None
        found = f"une lecture de plus de {agreeing(round(limit), 'secondes')}"
        raise UnreadableDelivery(name, found, f"au plus {format_number(round(limit))}") from None
    finally:
        watch.end()


class _Watch:
    """Adds up the time of timed calls, and stops the one that goes over it, or over the memory."""

    def __init__(self, seconds: float, memory: int) -> None:
        self._left = seconds
        self._most_resident = _resident() + memory
        self.is_too_large = False
        """Whether it was the memory that made it stop."""
        self._lock = threading.Lock()
        self._thread: int | None = None
        """Which thread is in a timed call, and since when."""
        self._since = 0.0
        self._is_over = False
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def timed(self, call: Callable[[], T]) -> T:
        """Make a call; _Stopped when the time is over, in the middle of it if need be."""
        with self._lock:
            self._thread, self._since = threading.get_ident(), time.monotonic()
        try:
            return call()
        finally:
            with self._lock:
                self._thread = None
                self._left -= time.monotonic() - self._since
            if self._is_over:
                _throw(threading.get_ident(), None)  # it may still be on its way
                raise _Stopped

    def end(self) -> None:
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(min(_LOOKS, max(self._left, 0.01))):
            with self._lock:
                if self._thread is None:
                    continue
                self.is_too_large = _resident() > self._most_resident
                if not self.is_too_large and time.monotonic() - self._since < self._left:
                    continue
                self._is_over = True
                _throw(self._thread, _Stopped)
                return


def _resident() -> int:
    """Give the octets that this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _throw(thread: int, exception: type[BaseException] | None) -> None:
    """Raise an exception in another thread at its next step in Python; None takes back one not raised yet."""
    what = ctypes.py_object(exception) if exception else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)
