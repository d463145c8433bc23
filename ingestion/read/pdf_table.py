"""Statistical tables printed in a PDF (digital, not scanned), or in a text transcript of its pages.

Each table of interest is declared: the line that opens it, the one that closes it, and whether periods run
down its rows or along its columns. Lines are cut into cells by the gaps between words, so that a single
space separates thousands and a wide gap separates columns. One record per figure.

Titles and headers repeated on each page, page numbers and footnote marks (raised, superscript or in brackets,
glued to a number or not) are told apart from figures; a label that begins in lower case continues the one
printed above it, a text that does so below a row continues the label of that row. Words that a reader of the
page cannot see are not read, and a note quotes them.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

import pdfplumber

from ingestion.french import (
    STATUS_OF_MARK,
    NotAsExpected,
    fold,
    is_number,
    marks_of_legend,
    parse_period,
    split_mark,
)
from ingestion.read import Options, Record, UnreadableDelivery
from ingestion.read.pdf_plain import in_plain
from ingestion.read.text import decoded
from ingestion.read.visible import Drawn

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of each font of an ordinary bulletin

# Two words closer than this share of the letter height belong to one cell: a space is a quarter of it.
_WIDEST_SPACE = 0.55
_SAME_LINE = 2.5
_LONGEST_QUOTED = 500
# A footnote mark is raised and this much smaller than what it is attached to.
_MARK_SIZE = 0.8
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—]?\s*\d{1,4}\s*(?:[-–—]|(?:/|sur)\s*\d{1,4})?", re.IGNORECASE)
# « a- Compte », « b) Solde » open an item; other small letters continue one.
_CONTINUES = re.compile(r"(?![a-z]\s*[-–.)])[a-zà-ÿ(]")
_MISSING = frozenset({"-", "nd", "n.d.", "na", "…", "..."})


class Table(Options):
    """One table of a publication, told apart from what surrounds it."""

    table_code: str
    publication: str
    """Tables of one publication come together: when one is there, each of them must be."""
    starts: str
    """Regular expression of the line that opens the table."""
    ends: str = r"^Sources?\s*:"
    """Regular expression of its last line, which also says what the marks mean."""
    unit: str = r"^\((?P<unit>.+?)(?:, sauf .*)?\)$"
    """Regular expression of the line that gives the unit, in its group `unit`."""
    periods: Literal["rows", "columns"]
    item: str | None = None
    """What a table whose rows are periods measures; otherwise each row is labelled."""
    areas: dict[str, str] = {}  # noqa: RUF012 - pydantic copies defaults
    """The columns of a table whose rows are periods, from left to right: printed header to area."""
    area: str | None = None
    """The area of a table whose columns are periods."""
    negative_in_parentheses: bool = False
    """Whether a figure that stands in parentheses, (1 228,4), is a negative one."""


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line. `place` names it as a person would: `p.3 l.14`."""

    place: str
    cells: tuple[_Cell, ...]

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)


@dataclass
class _Found:
    """A table met in the document: its lines, and what the line that closes it says."""

    table: Table
    lines: list[_Line] = field(default_factory=list)
    legend: str | None = None


def read(path: Path, *, tables: tuple[Table, ...]) -> Iterator[Record]:
    """Read the declared tables that the file prints.

    The records carry table_code, item_label, item_rank (1 for the first printing of that label in the
    table), area_code, period_code, obs_status, unit_label and value. Raises UnreadableDelivery when the
    file cannot be read, prints none of the tables or only some of a publication, or breaks one off.
    """
    unseen: list[Record] = []
    found = _find(_lines_of(path, unseen), tables)
    _refuse_incomplete(found, tables)
    for one in found:
        yield from _figures(one)
    yield from unseen


def _lines_of(path: Path, unseen: list[Record]) -> Iterator[_Line]:
    with path.open("rb") as stream:
        head = stream.read(1024)
    if b"%PDF-" in head:
        with in_plain(path) as plain:
            yield from _pdf_lines(plain, unseen)
    elif b"\x00" in head or head.startswith(b"PK\x03\x04"):
        raise UnreadableDelivery("le début du fichier", "un fichier binaire", "un PDF ou sa transcription")
    else:
        yield from _text_lines(path)


def _pdf_lines(path: Path, unseen: list[Record]) -> Iterator[_Line]:
    """Give the lines of a PDF; add to `unseen` a note for each page with words that it does not show."""
    try:
        with pdfplumber.open(path) as document, Drawn(path) as drawn:
            printed = 0
            for page in document.pages:
                once = page.dedupe_chars()  # bold by printing twice
                extracted = once.extract_words(keep_blank_chars=False, extra_attrs=["size"])
                shown, others = drawn.seen(extracted, page)
                if others:
                    quoted = f"« {' '.join(others)[:_LONGEST_QUOTED]} »"
                    said = f"Texte que la page ne montre pas, non lu : {quoted}"
                    unseen.append(Record(f"p.{page.page_number}", "note", {}, said))
                words = _with_marks(shown)
                words.sort(key=lambda word: (word["bottom"], word["x0"]))
                lines = []
                for number, line in enumerate(_by_line(words), 1):
                    printed += 1
                    height = line[0]["size"]
                    pieces = [_Cell(word["text"], word["x0"], word["x1"]) for word in line]
                    cells = _joined(pieces, _WIDEST_SPACE * height)
                    lines.append(_Line(f"p.{page.page_number} l.{number}", cells))
                yield from _without_page_number(lines)
                page.close()
    except Exception as error:  # pdfminer lets any exception out of a damaged file
        raise UnreadableDelivery("le fichier", "un PDF endommagé", "un PDF lisible") from error
    if printed == 0:
        raise UnreadableDelivery("le PDF", "aucun texte (pages numérisées ?)", "un PDF qui porte son texte")


def _with_marks(words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put each raised footnote mark in brackets behind the word that it is printed against: 583,5(1)."""
    marks = {id(word): host for word in words if (host := _host_of(word, words))}
    for word in words:
        if host := marks.get(id(word)):
            host["text"] += f"({word['text'].strip('()')})"
            host["x1"] = word["x1"]
    return [word for word in words if id(word) not in marks]


def _host_of(mark: dict[str, Any], words: list[dict[str, Any]]) -> dict[str, Any] | None:
    if len(mark["text"]) > 4:
        return None
    return next(
        (
            word
            for word in words
            if mark["size"] < _MARK_SIZE * word["size"]
            and abs(mark["x0"] - word["x1"]) < _WIDEST_SPACE * word["size"]
            and word["top"] - word["size"] / 2 < mark["top"] < word["bottom"] - mark["size"] / 2
        ),
        None,
    )


def _without_page_number(lines: list[_Line]) -> list[_Line]:
    """Leave out the number of the page: a line of its own among the first two or the last three."""
    edges = {*range(2), *range(len(lines) - 3, len(lines))}
    return [
        line
        for number, line in enumerate(lines)
        if not (number in edges and len(line.cells) == 1 and _PAGE_NUMBER.fullmatch(line.text))
    ]


def _by_line(words: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Put words on the lines they were printed on; `words` come from top to bottom."""
    line: list[dict[str, Any]] = []
    for word in words:
        if line and word["bottom"] - line[-1]["bottom"] > _SAME_LINE:
            yield sorted(line, key=lambda one: one["x0"])
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda one: one["x0"])


def _text_lines(path: Path) -> Iterator[_Line]:
    for number, line in enumerate(decoded(path.read_bytes()).splitlines(), 1):
        places = re.finditer(r"[^\s\u00a0\u202f]+", line)
        words = [_Cell(place[0], place.start(), place.end()) for place in places]
        if words:
            yield _Line(f"l.{number}", _joined(words, 1))


def _joined(words: Sequence[_Cell], widest_space: float) -> tuple[_Cell, ...]:
    cells: list[_Cell] = []
    for word in words:
        if cells and word.left - cells[-1].right <= widest_space:
            last = cells.pop()
            word = _Cell(f"{last.text} {word.text}", last.left, word.right)
        cells.append(word)
    return tuple(cells)


def _find(lines: Iterator[_Line], tables: Sequence[Table]) -> list[_Found]:
    found: list[_Found] = []
    current: _Found | None = None
    for line in lines:
        opened = next((table for table in tables if re.search(table.starts, line.text)), None)
        if opened and not (current and current.table is opened):  # a title repeated on the next page
            current = _Found(opened)
            found.append(current)
        elif current and re.search(current.table.ends, line.text):
            current.legend = line.text
            current = None
        elif current and not opened:
            current.lines.append(line)
    return found


def _refuse_incomplete(found: Sequence[_Found], tables: Sequence[Table]) -> None:
    if not found:
        wanted = ", ".join(table.table_code for table in tables)
        raise UnreadableDelivery(
            "le document", "aucun des tableaux attendus", f"l’un de ces tableaux : {wanted}"
        )
    for one in found:
        if one.legend is None:
            expected = "sa dernière ligne, qui dit sa source"
            raise UnreadableDelivery(f"tableau {one.table.table_code}", "un tableau interrompu", expected)
    codes = Counter(one.table.table_code for one in found)
    publications = {one.table.publication for one in found}
    for table in tables:
        if table.publication in publications and codes[table.table_code] != 1:
            times = f"{codes[table.table_code]} fois le tableau {table.table_code}"
            raise UnreadableDelivery(f"la publication {table.publication}", times, "ce tableau une fois")


def _figures(found: _Found) -> Iterator[Record]:
    table = found.table
    unit = next((m["unit"] for line in found.lines if (m := re.search(table.unit, line.text))), None)
    if unit is None:
        place = f"tableau {table.table_code}"
        raise UnreadableDelivery(place, "aucune ligne d’unité", "une ligne comme « (Milliards de FCFA) »")
    marks = STATUS_OF_MARK | marks_of_legend(found.legend or "")
    shared: dict[str, str | None] = {"table_code": table.table_code, "unit_label": unit}
    if table.periods == "rows":
        return _rows_of_periods(found, shared, marks)
    return _columns_of_periods(found, shared, marks)


def _rows_of_periods(found: _Found, shared: dict[str, str | None], marks: dict[str, str]) -> Iterator[Record]:
    table = found.table
    shared |= {"item_label": table.item, "item_rank": "1"}
    _check_headers(found)
    year = None
    for line in found.lines:
        figures = _figures_of(line.cells[1:], table)
        printed = " ".join(cell.text for cell in line.cells[: len(line.cells) - len(figures)])
        period = _period_of(printed, marks, year)
        year = period[0][:4] if period else year
        if not _has_figure(line, table):
            continue  # a header, the unit, the foot of a page: no figure stands there
        if period is None or len(figures) != len(table.areas):
            fault = f"une période puis {len(table.areas)} valeurs"
            yield Record(line.place, "data", shared, line.text, fault)
            continue
        row = {**shared, "period_code": period[0], "obs_status": period[1]}
        for area, cell in zip(table.areas.values(), figures, strict=True):
            yield _figure(line, {**row, "area_code": area}, cell, area, marks, table)


def _check_headers(found: _Found) -> None:
    """Refuse a table whose columns were renamed or moved: each header word counts for the nearest column."""
    areas = list(found.table.areas)
    place = f"tableau {found.table.table_code}"
    first = next((n for n, line in enumerate(found.lines) if _has_figure(line, found.table)), 0)
    model = next((line.cells[1:] for line in found.lines[first:] if len(line.cells) == len(areas) + 1), None)
    if model is None:
        raise UnreadableDelivery(place, f"aucune ligne de {len(areas)} valeurs", "une ligne par période")
    headers = [""] * len(areas)
    for line in found.lines[:first]:
        if re.search(found.table.unit, line.text):
            continue
        for cell in line.cells:
            nearest = min(range(len(areas)), key=lambda n: abs(_middle(model[n]) - _middle(cell)))
            headers[nearest] += f" {cell.text}"
    for printed, declared in zip(headers, areas, strict=True):
        if _letters(printed) != _letters(declared):
            raise UnreadableDelivery(place, f"la colonne « {printed.strip()} »", f"la colonne « {declared} »")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


def _columns_of_periods(
    found: _Found, shared: dict[str, str | None], marks: dict[str, str]
) -> Iterator[Record]:
    periods: list[tuple[str, str]] = []
    ranks: Counter[str] = Counter()
    header: _Line | None = None
    labels = _labels(found)
    for line in found.lines:
        if headers := _periods_of(line, marks):
            periods, header = headers, line
            continue
        if header and (parts := _parts_of(line, header, periods, marks)):
            periods = parts  # quarters or months under the years that span them
            continue
        figures = _figures_of(line.cells, found.table)
        if not periods or not (figures or _has_figure(line, found.table)):
            continue  # a heading, the unit, the foot of a page: no figure stands there
        label = labels.get(line.place, line.cells[0].text)
        ranks[label] += 1
        unit = "%" if label.endswith("(%)") else shared["unit_label"]
        row = {**shared, "item_label": label, "item_rank": str(ranks[label]), "unit_label": unit}
        row["area_code"] = found.table.area
        if len(figures) != len(periods) or not label:
            fault = f"un libellé puis {len(periods)} valeurs"
            yield Record(line.place, "data", row, line.text, fault)
            continue
        for (period, status), cell in zip(periods, figures, strict=True):
            cell_of = {**row, "period_code": period, "obs_status": status}
            yield _figure(line, cell_of, cell, period, marks, found.table)
    if not periods:
        place = f"tableau {found.table.table_code}"
        raise UnreadableDelivery(place, "aucune ligne de périodes", "un en-tête, par exemple 2021 2022 2023")


def _labels(found: _Found) -> dict[str, str]:
    """Give the whole label of each row by its place, put together where it is printed on several lines."""
    labels: dict[str, str] = {}
    row, above = None, ""
    for line in found.lines:
        figures = _figures_of(line.cells, found.table)
        text = " ".join(cell.text for cell in line.cells[: len(line.cells) - len(figures)])
        continues = bool(_CONTINUES.match(text)) and not re.search(found.table.unit, text)
        if figures:
            labels[line.place] = f"{above} {text}" if continues and above else text
            row, above = line.place, ""
        elif continues and row and not above:
            labels[row] += f" {text}"
        else:
            above = f"{above} {text}" if continues and above else text
    return labels


def _periods_of(line: _Line, marks: dict[str, str]) -> list[tuple[str, str]]:
    """Give the periods of a header line: at least one, to the right of its words, and nothing else."""
    cells = list(line.cells)
    while cells and _period_of(cells[0].text, marks) is None and not is_number(cells[0].text):
        cells.pop(0)
    read = [_period_of(cell.text, marks) for cell in cells]
    return [one for one in read if one] if all(read) else []


def _parts_of(
    line: _Line, header: _Line, periods: list[tuple[str, str]], marks: dict[str, str]
) -> list[tuple[str, str]]:
    """Give the periods of a line of quarters or months below one of years: each lies under its own year."""
    years = header.cells[len(header.cells) - len(periods) :]
    if len(line.cells) <= len(periods) or any(len(period) != 4 for period, _ in periods):
        return []
    parts = []
    for cell in line.cells:
        over = min(range(len(years)), key=lambda n: abs(_middle(years[n]) - _middle(cell)))
        period = _period_of(cell.text, marks, periods[over][0])
        if period is None or len(period[0]) == 4:
            return []
        parts.append((period[0], period[1] if period[1] != "A" else periods[over][1]))
    return parts


def _middle(cell: _Cell) -> float:
    return (cell.left + cell.right) / 2


def _period_of(text: str, marks: dict[str, str], year: str | None = None) -> tuple[str, str] | None:
    """Read a period with its mark; one without its year (T2, mars) belongs to `year`."""
    printed, mark = split_mark(text)
    for candidate in (printed, f"{printed} {year}") if year else (printed,):
        try:
            return parse_period(candidate), marks.get(mark, "A") if mark else "A"
        except NotAsExpected:
            continue
    return None


def _figures_of(cells: tuple[_Cell, ...], table: Table) -> tuple[_Cell, ...]:
    """Give the cells at the right end that read as figures."""
    figures = list(takewhile(lambda cell: _is_figure(cell.text, table), reversed(cells)))
    return cells[len(cells) - len(figures) :]


def _has_figure(line: _Line, table: Table) -> bool:
    """Say whether a figure stands on a line, behind its label; where it does not end with one, it should."""
    return any(_is_figure(cell.text, table) for cell in line.cells[1:])


def _is_figure(text: str, table: Table) -> bool:
    return is_number(_signed(split_mark(text)[0], table)) or text.casefold() in _MISSING


def _signed(text: str, table: Table) -> str:
    """Give a figure in parentheses its minus sign, where the table prints negative ones so."""
    if table.negative_in_parentheses and (inside := re.fullmatch(r"\(\s*([0-9].*?)\s*\)", text)):
        return f"-{inside[1]}"
    return text


def _figure(
    line: _Line,
    values: dict[str, str | None],
    cell: _Cell,
    column: str,
    marks: dict[str, str],
    table: Table,
) -> Record:
    printed, mark = split_mark(cell.text)
    if mark in marks:
        values = {**values, "obs_status": marks[mark]}
    value = None if printed.casefold() in _MISSING else _signed(printed, table)
    return Record(f"{line.place} c.{column}", "data", {**values, "value": value}, cell.text)
