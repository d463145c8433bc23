"""What a workbook says of its cells that python-calamine does not tell: hidden rows and columns, percentages,
errors and formulas without a value, and the origin of its day numbers.

Of an .xlsx and an .ods the sheets' XML is streamed once, no entity resolved; an .xls is read by xlrd. Nothing
is evaluated. Of an .xlsb, and of an .xls that xlrd cannot read, nothing of this is known; of an .xlsb, how
far its cells reach is.
"""

from __future__ import annotations

import logging
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from python_calamine import CalamineError

from ingestion.read import UnreadableDelivery, apart
from ingestion.read.limits import OLE
from ingestion.read.marks import ods, openable, xls, xlsb, xlsx
from ingestion.read.marks.package import parts_of
from ingestion.read.marks.sheet import Marks, Place

__all__ = ["BookMarks", "Marks", "Place", "marks_of"]

logger = logging.getLogger(__name__)

# To open an .xls: of the processor, and of memory; one of 64 MiB takes less.
_MOST_SECONDS, _MOST_MEMORY = 20, 1024 * 1024 * 1024
_UNREADABLE = "un classeur .xls que rien n’ouvre : une cellule hors de la feuille, ou un contenu sans fin"


@dataclass(frozen=True, slots=True)
class BookMarks:
    """The marks of a workbook."""

    sheets: dict[str, Marks] = field(default_factory=dict)
    """By the name of the sheet."""
    is_from_1904: bool = False
    """Whether days count from 1904."""
    is_known: bool = True
    """Whether the workbook tells: if not, nothing is marked, and something may be hidden."""

    def of(self, sheet: str) -> Marks:
        """Give the marks of a sheet."""
        return self.sheets.get(sheet) or Marks()


def marks_of(path: Path) -> BookMarks:
    """Give the marks of a workbook.

    Raises CalamineError when the file is none, and UnreadableDelivery when a part of it is broken or larger
    than 512 MiB, or when a stray cell far from the others makes a sheet too wide to be held in memory.
    """
    with path.open("rb") as stream:
        head = stream.read(len(OLE))
    if head == OLE:  # calamine goes by how a file begins, whatever its end is
        return _of_xls(path)
    if not zipfile.is_zipfile(path):  # calamine may make something of it, that nothing here has seen
        raise CalamineError("neither an OLE document nor a zip archive")
    try:
        with zipfile.ZipFile(path) as package:
            return _of_package(package)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, EOFError, OSError, ValueError) as error:
        logger.info("%s: a damaged part: %s", path.name, error)
        raise UnreadableDelivery("le classeur", "une partie abîmée", "un classeur entier") from error


def _of_package(package: zipfile.ZipFile) -> BookMarks:
    kinds = {ods.CONTENT, xlsx.WORKBOOK, xlsb.WORKBOOK} & parts_of(package).keys()
    if len(kinds) > 1:  # calamine and we might each look at another one
        found = "une archive de plusieurs classeurs"
        raise UnreadableDelivery("le fichier", found, "un classeur (.xlsx, .xls ou .ods)")
    if ods.CONTENT in kinds:
        return BookMarks(ods.marks(package))
    if xlsx.WORKBOOK in kinds:
        return BookMarks(*xlsx.marks(package))
    if xlsb.WORKBOOK in kinds:
        xlsb.require_bounded(package)
    else:
        xlsx.require_bounded(package, set())
    return BookMarks(is_known=False)


def _of_xls(path: Path) -> BookMarks:
    apart.require_openable(openable, path, _MOST_SECONDS, _MOST_MEMORY, _UNREADABLE)
    try:
        return BookMarks(*xls.marks(path))
    except UnreadableDelivery:
        raise
    except Exception:  # xlrd lets any exception out of a damaged file, and calamine may read it
        return BookMarks(is_known=False)
