"""Writes a PDF that no password opens again without its encryption. Run by `pdf_plain`, as a script.

It needs nothing of the project, and bounds itself: what is packed in an encrypted file grows as it is opened.
"""

from __future__ import annotations

import resource
import sys

import pypdfium2
from pypdfium2 import raw


def main(source: str, copy: str, memory: int, size: int) -> str | None:
    """Write the copy, or give why it cannot be. In octets: `memory` of this process, `size` of the copy."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        with pypdfium2.PdfDocument(source) as document:
            document.save(copy, flags=raw.FPDF_REMOVE_SECURITY)
    except (pypdfium2.PdfiumError, OSError, MemoryError) as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
