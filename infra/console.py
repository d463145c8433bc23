"""What people see in the terminal: progress, tables, problems. Everything but results goes to stderr."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status
from rich.text import Text

WIDTH_OF_A_FILE = 120  # for tables that no terminal shows

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
for console in (out, err):
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE


def problem(message: str) -> None:
    """Say what went wrong."""
    err.print(Text.assemble(("ponam: ", "bold red"), message), soft_wrap=True)


def note(message: str) -> None:
    """Say something worth knowing that is no result."""
    err.print(Text.assemble(("ponam: ", "bold"), message), soft_wrap=True)


class Progress:
    """Steps with their seconds: one line each when it ends; on a terminal, also what is under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._under_way: list[str] = []
        self._status: Status | None = Status("", console=err) if err.is_terminal else None

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step; say at its end whether it succeeded."""
        started = time.monotonic()
        self._show(add=name)
        try:
            yield
        except BaseException:
            self.line(name, time.monotonic() - started, succeeded=False)
            raise
        else:
            self.line(name, time.monotonic() - started)
        finally:
            self._show(remove=name)

    def line(self, name: str, seconds: float, *, succeeded: bool = True) -> None:
        """Print one finished step."""
        mark = ("ok    ", "green") if succeeded else ("failed", "bold red")
        with self._lock:
            err.print(
                Text.assemble(f"{self.seconds:6.1f} s  ", mark, f"  {name} ", (f"({seconds:.1f} s)", "dim"))
            )

    def _show(self, *, add: str | None = None, remove: str | None = None) -> None:
        with self._lock:
            if add:
                self._under_way.append(add)
            if remove:
                self._under_way.remove(remove)
            if self._status:
                self._status.update(" · ".join(self._under_way))
                (self._status.start if self._under_way else self._status.stop)()
