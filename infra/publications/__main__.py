"""Command line: serve the bundled publications, or write them again."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

from infra.publications.inbox import drop_into_inbox
from infra.publications.server import serve
from infra.settings import LOOPBACK, Settings


def main() -> int:
    """Run the command line; it serves until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m infra.publications", description=__doc__)
    parser.add_argument("--build", action="store_true", help="write files/ again from figures/, and end")
    if parser.parse_args().build:
        # Writing needs fpdf2 and openpyxl, which only the test environment has.
        from infra.publications.build import build

        for written in build():
            sys.stdout.write(f"{written}\n")
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = Settings.from_environment()
    for path in drop_into_inbox(settings.inbox, settings.state):
        logging.info("dropped %s", path)
    with serve(settings.publications_port) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            # From another thread: shutdown() waits for the loop that this thread runs.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        logging.info("serving on %s:%s", LOOPBACK, server.server_address[1])
        server.serve_forever(poll_interval=0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
