"""A transcription sheet: the figures of one article, written down by an officer, each with its evidence.

The sheet is a French CSV (`;`, decimal comma; `,` and tab are told by its header), or a workbook: first
lines name the article (`Article;<code>`), then a header and one line per figure with the literal as printed
(but for the apostrophes of `text.inert`, which are taken off) and the number of its paragraph. `located`
holds a figure against the paragraph: the literal must stand there, once, and say the value. Of a list of
places, each counts for one: its literal is the place's name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ingestion import code_lists
from ingestion.french import (
    NotAsExpected,
    fold,
    magnitude_of,
    parse_number,
    parse_period,
    parse_quantity,
    readings_of,
    words_and_digits,
)
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.excel import grids, is_workbook
from ingestion.read.text import UNREADABLE_LINE, bounded_lines, encoding_of, opened
from ingestion.text import as_printed

_SCALE_OF_PREFIX = {"BN": 10**9, "M": 10**6}
_SPACES = " \u00a0\u2009\u202f"
_SEPARATORS = (";", ",", "\t")  # as a spreadsheet set to another language saves it
_EVENTS = "EVENTS"  # the unit of a dated fact: its literal says the day, or the period
_ONE = "1"  # what a place counts for where a publication names places


def read(
    path: Path,
    *,
    columns: dict[str, str],
    evidence: str = "Littéral",
    article_column: str = "article_code",
    article_label: str = "Article",
    ignored: tuple[str, ...] = (),
) -> Iterator[Record]:
    """Read a sheet, one record per figure.

    `columns` maps the printed headers to contract columns; `evidence` is the header of the literal;
    `article_label` opens the line that names the article. Raises UnreadableDelivery when the article is
    not named, or when a column is missing or unknown.
    """
    lines = ((line, [*map(as_printed, row)]) for line, row in _lines(path, evidence))
    article, header = _head((row for _, row in lines), article_label, evidence)
    positions = _positions(header, columns, ignored, evidence)
    for line, row in lines:
        if any(cell.strip() for cell in row):
            yield _record(row, line, header, positions, {article_column: article}, evidence)


def _lines(path: Path, evidence: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of the sheet, each with its number in the file."""
    if is_workbook(path):
        yield from enumerate(_sheet_of(path, evidence), 1)
        return
    with opened(path, encoding_of(path)) as stream:
        lines = [*bounded_lines(stream)]
    separator = next((one for one in _SEPARATORS if _is_header_in(lines, one, evidence)), _SEPARATORS[0])
    rows = csv.reader(lines, delimiter=separator, strict=True)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        place, found = f"ligne {rows.line_num}", UNREADABLE_LINE
        raise UnreadableDelivery(place, found, f"des champs séparés par « {separator} »") from error


def _is_header_in(lines: Sequence[str], separator: str, evidence: str) -> bool:
    """Whether one of the lines, cut at the separator, has the header of the literal."""
    return any(
        fold(evidence) in (fold(cell.strip('"')) for cell in line.rstrip("\r\n").split(separator))
        for line in lines
    )


def _sheet_of(path: Path, evidence: str) -> list[list[str]]:
    """Give the first sheet that has the header of the literal; an error workbook opens with another one."""
    for grid in grids(path):
        if any(fold(cell) == fold(evidence) for row in grid for cell in row):
            return grid
    raise UnreadableDelivery("le classeur", "aucune ligne d’en-tête", f"un en-tête avec « {evidence} »")


def _head(rows: Iterator[list[str]], article_label: str, evidence: str) -> tuple[str, list[str]]:
    article = None
    for row in rows:
        cells = [cell.strip() for cell in row]
        if fold(evidence) in map(fold, cells):
            if not article:
                raise UnreadableDelivery("le haut de la fiche", "aucun article", f"{article_label};<code>")
            return article, cells
        if len(cells) > 1 and fold(cells[0]).rstrip(" :") == fold(article_label):
            article = cells[1]
    raise UnreadableDelivery("la fiche", "aucune ligne d’en-tête", f"un en-tête avec « {evidence} »")


def _positions(
    header: list[str], columns: dict[str, str], ignored: tuple[str, ...], evidence: str
) -> dict[int, str]:
    wanted = {fold(name): column for name, column in columns.items()}
    passed_over = {fold(name) for name in (*ignored, evidence, "")}
    positions = {}
    for at, name in enumerate(header):
        if fold(name) in wanted:
            positions[at] = wanted.pop(fold(name))
        elif fold(name) not in passed_over:
            known = ", ".join(columns)
            raise UnreadableDelivery("l’en-tête", f"la colonne « {name} »", f"l’une de {known}")
    if wanted:
        lacking = ", ".join(name for name in columns if fold(name) in wanted)
        raise UnreadableDelivery("l’en-tête", ", ".join(header), f"aussi {lacking}")
    return positions


def _record(
    row: list[str],
    line: int,
    header: list[str],
    positions: dict[int, str],
    constants: dict[str, str],
    evidence: str,
) -> Record:
    if len(row) != len(header):
        fault = f"{len(header)} cellules comme l’en-tête, et non {len(row)}"
        return Record(f"l.{line}", "data", {**constants}, ";".join(row), fault)
    values: dict[str, str | None] = {**constants}
    values |= {column: row[at].strip() or None for at, column in positions.items()}
    literal = row[[fold(name) for name in header].index(fold(evidence))].strip(_SPACES)
    return Record(f"l.{line}", "data", values, literal or None)


def find_literal(literal: str, paragraph: str) -> tuple[int, int]:
    """Give where a literal stands in a paragraph: first character, and the one after its last.

    A literal that is part of a longer number or word does not stand there: 29 is not in 29 000. Kinds of
    space are not told apart: nobody can see them. Raises NotAsExpected when it stands nowhere, or in several
    places and must be quoted at greater length.
    """
    words = [re.escape(word) for word in re.split(f"[{_SPACES}]+", literal.strip(_SPACES))]
    before = rf"(?<!\w)(?<!\d[.,])(?<!\d[{_SPACES}])" if literal[:1].isdigit() else r"(?<!\w)"
    after = rf"(?!\w|[.,]\d|[{_SPACES}]\d{{3}}(?!\d))" if literal[-1:].isdigit() else r"(?!\w)"
    places = list(re.finditer(f"{before}{f'[{_SPACES}]+'.join(words)}{after}", paragraph))
    if len(places) != 1:
        found = f"{len(places)} fois dans le paragraphe" if places else "absent du paragraphe"
        raise NotAsExpected(literal, f"un littéral présent une fois et une seule ({found})")
    return places[0].span()


def check_literal(literal: str, value: str, unit: str, qualifier: str | None) -> None:
    """Hold what a literal says against the value, unit and qualifier of the sheet.

    The unit, a code or a label, says what the value counts: « 483,3 milliards » is 483,3 in BN_XOF or in
    « milliards de FCFA », and 483 300 000 000 in XOF. Of « 4.774 », 4 774 or 4,774, the officer has decided.
    Raises NotAsExpected.
    """
    readings = [parse_quantity(reading) for reading in readings_of(literal)]
    scale = _SCALE_OF_PREFIX.get(unit.partition("_")[0]) or magnitude_of(unit)
    if parse_number(value) * scale not in [said.value for said in readings]:
        raise NotAsExpected(literal, f"un littéral qui dit la valeur {value} ({unit})")
    wanted = code_lists.load("qualifiers").code_of(qualifier or "=") or qualifier
    if readings[0].qualifier != wanted:
        raise NotAsExpected(literal, f"un littéral qualifié par « {wanted} »")


def check_date(literal: str, period: str) -> None:
    """Hold the date that a literal says against the period of the sheet. Raises NotAsExpected."""
    if parse_period(literal) != parse_period(period):
        raise NotAsExpected(literal, f"un littéral qui dit la date {period}")


def names_area(literal: str, area: str) -> bool:
    """Whether a literal is the name of the sheet's area (a code or a label): « Kita », « Cercle de Kita »."""
    areas = code_lists.load("areas")
    ends_with_it = re.compile(rf"(^|[ ']){re.escape(fold(literal))}$")
    return bool(literal) and any(
        ends_with_it.search(fold(label)) and areas.code_of(label) == areas.code_of(area)
        for label in code_lists.labels("areas")
    )


def located(record: Record, paragraph: str | None) -> Record:
    """Give a figure its place in the article, or the fault that makes it be rejected.

    `record` carries value, unit_code, qualifier and paragraph_number as printed; `paragraph` is the text of
    that paragraph in the accepted article, None when there is none. The place goes to span_start and
    span_end (characters, from 0, end excluded) and to the locator: `§12 [40:52]`; the literal becomes
    what stands there, with the article's own kinds of space. A number printed in words and in digits is kept
    in both readings, words_value and digits_value, also when they disagree and the figure has to be decided.
    """
    values, literal = record.values, record.literal or ""
    number, unit = values.get("paragraph_number"), values.get("unit_code") or ""
    if record.fault:
        return record
    if paragraph is None:
        missing = f"un paragraphe de l’article accepté, et non le n° {number}"
        return replace(
            record, fault=f"{missing} (le code de l’article, en tête de la fiche, est-il le bon ?)"
        )
    found = record
    try:
        start, end = find_literal(literal, paragraph)
        read = {"span_start": str(start), "span_end": str(end), **_both_readings(paragraph[start:end])}
        place = f"§{number} [{start}:{end}]"
        found = replace(record, locator=place, values={**values, **read}, literal=paragraph[start:end])
        if unit == _EVENTS:
            check_date(literal, values.get("period_code") or "")
        elif values.get("value") == _ONE and names_area(literal, values.get("area_code") or ""):
            pass
        elif value := values.get("value"):  # a figure without one is rejected for that
            check_literal(literal, value, unit, values.get("qualifier"))
    except NotAsExpected as error:
        beside = "" if error.found == literal else f" ; trouvé « {error.found} »"
        return replace(found, fault=f"{error.expected}{beside}")
    return found


def _both_readings(literal: str) -> dict[str, str]:
    words, digits = words_and_digits(literal)
    if words is None or digits is None:
        return {}
    return {"words_value": f"{words:f}", "digits_value": f"{digits:f}"}
