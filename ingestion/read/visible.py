"""Which words of a PDF a reader sees: white, transparent, covered or off the page, a figure is none.

Text says of itself neither what covers it nor how it is painted: each page is drawn, and a word is seen where
the page is not all of one colour.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import pypdfium2

_SCALE = 2.0  # pixels per point: a full stop is one
_LARGEST = 4_000  # pixels on a side, however large the page says that it is
_CONTRAST = 16  # of 255 grey levels, from which on an eye tells two apart
_SMALLEST = 1.5  # points, of letters that can be read
# Above and below what letters fill, the lines next to it come near.
_ABOVE, _BELOW = 0.15, 0.1


class Drawn:
    """The pages of a PDF as they are shown. Raises pypdfium2.PdfiumError for what cannot be drawn."""

    def __init__(self, path: Path) -> None:
        self._document = pypdfium2.PdfDocument(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._document.close()

    def seen(self, words: list[dict[str, Any]], page: Any) -> tuple[list[dict[str, Any]], list[str]]:
        """Part the words of a page of pdfplumber's: those that are seen, and the text of the others."""
        if not words:
            return [], []
        drawn, box = self._document[page.page_number - 1], page.cropbox
        if page.rotation:  # where pdfplumber's crop box is not what a viewer crops
            drawn.set_cropbox(*page.page_obj.mediabox)
            box = page.mediabox
        left, top, right, bottom = box
        scale = min(_SCALE, _LARGEST / max(right - left, bottom - top))
        image = drawn.render(scale=scale, grayscale=True).to_numpy()
        shown, others = [], []
        for word in words:
            height = word["bottom"] - word["top"] if word["upright"] else 0
            rows = _pixels(word["top"] + _ABOVE * height - top, word["bottom"] - _BELOW * height - top, scale)
            columns = _pixels(word["x0"] - left, word["x1"] - left, scale)
            area = image[rows, columns]
            if word["size"] >= _SMALLEST and area.size and int(np.max(area)) - int(np.min(area)) >= _CONTRAST:
                shown.append(word)
            else:
                others.append(str(word["text"]))
        return shown, others


def _pixels(first: float, last: float, scale: float) -> slice:
    return slice(max(int(first * scale), 0), max(int(np.ceil(last * scale)), 0))
