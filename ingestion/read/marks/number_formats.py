"""How a spreadsheet shows a number."""

from __future__ import annotations

import re

# What a format code prints as it stands: « "%" », « \% ».
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')


def is_percent(code: str) -> bool:
    """Say whether a number format shows a number as a percentage, multiplied by 100.

    >>> is_percent("0.00%"), is_percent('0.0" %"'), is_percent("#,##0")
    (True, False, False)
    """
    return "%" in _QUOTED.sub("", code)
