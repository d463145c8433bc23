"""Kills at many random moments: `make bench-kill POINTS=1000` prints how many closed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.bench import end_in_order
from tests.warehouse.killing import SIZES, VICTIMS, killing


def main() -> int:
    """Kill, run again, count; 1 when one did not close."""
    parser = argparse.ArgumentParser(prog="make bench-kill", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=2016)
    options = parser.parse_args()
    end_in_order()
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    closed: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ponam-kill-") as folder, killing(Path(folder)) as one:
        for point in range(1, options.points + 1):
            victim, size = VICTIMS[point % 2], SIZES[point // 2 % 2]
            closed[victim] += one.closes(chance, victim, size)
            if point % 50 == 0 or point == options.points:
                sys.stdout.write(
                    f"{closed.total()} of {point} closed (loader killed: {closed['loader']}, "
                    f"PostgreSQL killed: {closed['postgres']}), {time.monotonic() - started:.0f} s\n"
                )
                sys.stdout.flush()
    return int(closed.total() != options.points)


if __name__ == "__main__":
    sys.exit(main())
