"""`python -m infra …`: see `python -m infra --help`."""

import sys

from infra.cli import main

sys.exit(main())
