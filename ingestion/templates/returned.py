"""The error workbook: a delivery as it came, its faulty cells coloured and explained, for whoever sent it.

The sheets are written anew from the values read, never copied: no formula, link, macro or picture of the
received file survives. Cells keep their addresses, so that the corrected workbook can be sent back as it is.
"""

from __future__ import annotations

import csv
import datetime
import difflib
import functools
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from ingestion import archive, archived, code_lists, contracts, ledger, settings, wording
from ingestion.archive import AlteredArchiveError
from ingestion.contracts import Column, Contract
from ingestion.db import Connection, rows
from ingestion.french import NotAsExpected, fold, format_number, parse_number
from ingestion.ledger import Delivery
from ingestion.output import replacing
from ingestion.pseudonyms import MASKED
from ingestion.read import Record, UnreadableDelivery
from ingestion.read.deadline import within
from ingestion.read.marks import BookMarks, Marks, marks_of
from ingestion.read.sheets import Merged, covered, merged_within
from ingestion.read.text import bounded_lines, encoding_of, opened
from ingestion.rows import ONE_PER_KEY, REPEATED_KEY, Reason, Typing, list_of
from ingestion.wording import STATUS_FR, WHO_FIXES_FR
from ingestion.workbooks import ANOMALY, SUMMARY, put_text, settled

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

logger = logging.getLogger(__name__)

_FAULTY = PatternFill("solid", fgColor="FFC7CE")
_DOUBTFUL = PatternFill("solid", fgColor="FFEB9C")
_HEADER = PatternFill("solid", fgColor="DCE6F1")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_PERCENT = "0.##%"
_MOST_ROWS = 20_000  # of a received sheet: beyond, the list of anomalies stands alone
_MOST_CELLS = 500_000  # of a received sheet, empty ones included: rows beyond stand in the list alone
_MOST_COLUMNS = 1_000  # a wider sheet is in the list alone
_MOST_LISTED = 5_000
_TAKE_WORKBOOKS = ("excel", "transcription")  # readers
_CORRECT_CELLS = (
    "reprenez les cellules colorées des feuilles suivantes, dont la colonne "
    f"« {ANOMALY} » dit ce qui est attendu"
)
_HEADER_ROWS = 13  # headers stand above this row
_MOST_CODES = 12  # a longer code list is not spelled out
_LACK_REJECTED = ("parts_add_up", "numbered_without_gap")  # checks that rejected rows alone can fail
_IN_WORKBOOK = re.compile(r"(?P<sheet>.+)!(?P<column>[A-Z]{1,3})(?P<row>\d+)")
_IN_BOOK = re.compile(r"feuille n° (?P<number>\d+)")
_IN_TEXT = re.compile(r"l\.(?P<row>\d+)(?: c\.(?P<header>.+))?")


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A rejected record, or one at which a check fails: where it stood, what was found and expected."""

    locator: str
    column: str | None
    """French name of the column; None when it is the record as a whole."""
    found: str | None
    expected: str
    who_fixes: str
    printed: frozenset[str] = frozenset()
    """What the record says, folded: it finds the row of a record that says no place in the file."""
    headers: frozenset[str] = frozenset()
    """What may be printed above its column, folded."""
    is_of_check: bool = False
    """What was found is about the cell, and need not stand in it: a total and the sum of its parts."""
    is_repeated: bool = False
    """The place is that of an earlier delivery: it counts where the same figure stands there again."""
    is_warning: bool = False

    def __str__(self) -> str:
        about = "À vérifier : " if self.is_warning else ""
        about += f"{self.column} : " if self.column else ""
        values = self.found.replace(", ", " ; ") if self.found and self.is_of_check else self.found
        found = f"trouvé « {values} », " if values else "vide, " if self.column else ""
        return f"{about}{found}attendu {self.expected}"


@dataclass(frozen=True)
class _Sheet:
    """A received sheet: its cells, and the line that each row has in the file."""

    name: str
    cells: list[list[Any]]
    is_hidden: bool = False
    ranges: Sequence[Merged] = ()
    """Its merged ranges, from 1."""
    lines: dict[int, int] = field(default_factory=dict)
    """Line of a text file to row; empty for a workbook, whose rows are their own."""
    number: int = 0
    """Which sheet of its workbook, from 1."""
    percents: frozenset[tuple[int, int]] = frozenset()
    """The cells that show a percentage, from 1."""

    @functools.cached_property
    def merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        """The first cell of the merged range that covers a place."""
        return covered(self.ranges)

    @functools.cached_property
    def columns(self) -> range:
        """The columns, from 1."""
        return range(1, max((len(cells) for cells in self.cells), default=0) + 1)

    def text(self, row: int, column: int) -> str:
        """Give what a person sees at a place, from 1."""
        row, column = self.merged.get((row, column), (row, column))
        cells = self.cells[row - 1] if 0 < row <= len(self.cells) else []
        return _shown(cells[column - 1]) if 0 < column <= len(cells) else ""


def send_back(delivery_id: int, db: Connection) -> Path | None:
    """Put the error workbook of a sent delivery in the outbox; None when there is nothing to send back.

    There is for a delivery of a sent dataset that was refused, could not be read, or has rejections.
    """
    delivery = ledger.find(delivery_id, db)
    contract = contracts.load(delivery.dataset_code)
    is_faulty = delivery.status in ("refused", "failed") or delivery.rows_rejected
    if contract.delivery.by != "inbox" or not is_faulty:
        return None
    stem = archive.safe_name(Path(delivery.file_name).stem)
    file = settings.outbox() / delivery.dataset_code / f"{stem}_livraison-{delivery_id}_anomalies.xlsx"
    write(delivery_id, file, db)
    db.execute("insert into meta.workbooks_returned (delivery_id) values (%s)", [delivery_id])
    logger.info("what is wrong with delivery %d, to send back: %s", delivery_id, file)
    return file


def owed(contract: Contract, db: Connection) -> list[int]:
    """Give the deliveries whose workbook a run that died after the verdict, or a new verdict, left owed."""
    found = db.execute(
        """select delivery_id
             from meta.deliveries
            where dataset_code = %s
              and (status in ('refused', 'failed') or status = 'accepted' and rows_rejected > 0)
              and not exists (
                      select from meta.workbooks_returned as returned
                       where returned.delivery_id = deliveries.delivery_id
                         and written_at >= coalesce(judged_at, fetched_at))
            order by delivery_id""",
        [contract.dataset],
    ).fetchall()
    return [delivery_id for (delivery_id,) in found]


def write(delivery_id: int, file: Path, db: Connection) -> None:
    """Write the error workbook of any delivery; UnknownDeliveryError when the ledger does not have it."""
    content = compose(delivery_id, db)
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as partial:
        partial.write_bytes(content)


def compose(delivery_id: int, db: Connection) -> bytes:
    """Give the error workbook of a delivery as an .xlsx file."""
    delivery = ledger.find(delivery_id, db)
    contract = contracts.load(delivery.dataset_code)
    anomalies, failed = _anomalies(delivery, contract, db), _failed_checks(delivery, db)
    said_of_cells = [*anomalies, *_at_checks(failed, contract, is_partial=bool(anomalies))]
    workbook = Workbook()
    summary = workbook.worksheets[0]
    summary.title = SUMMARY
    coloured = 0
    try:
        for cells in within(
            lambda: _explained(delivery, contract, said_of_cells, workbook), archived.said_of(delivery)
        ):
            coloured += cells
    except (AlteredArchiveError, UnreadableDelivery) as error:
        logger.info("the sheets of delivery %d are not sent back: %s", delivery_id, error)
        for written in workbook.worksheets[1:]:
            workbook.remove(written)
        coloured = 0
    facts = _who_fixes(delivery, db), failed
    _summarise(summary, delivery, contract, anomalies, *facts, is_coloured=coloured > 0)
    return settled(workbook)


def _anomalies(delivery: Delivery, contract: Contract, db: Connection) -> list[Anomaly]:
    rejections = rows(
        db,
        """select record_locator, record_kind, record, column_name, found, expected, who_fixes
             from meta.rejections where delivery_id = %s order by rejection_id limit %s""",
        [delivery.delivery_id, _MOST_LISTED],
    )
    typing, headers = Typing(contract), _headers(contract)
    return [
        Anomaly(
            str(rejection["record_locator"]),
            _title(contract.by_name.get(reason.column or ""), reason.column),
            (reason.found or "").replace(REPEATED_KEY, "déjà donné en ") or None,
            _expected(reason, contract),
            reason.who_fixes,
            frozenset(fold(text) for text in rejection["record"]["values"].values() if text),
            headers.get(reason.column or "", frozenset()),
        )
        for rejection in rejections
        for reason in _reasons(rejection, typing)
    ]


def _reasons(rejection: dict[str, Any], typing: Typing) -> list[Reason]:
    """Every reason of a rejection: the ledger keeps the first, an institution corrects all at once."""
    kept = Reason(rejection["column_name"], rejection["found"], rejection["expected"], rejection["who_fixes"])
    said = rejection["record"]
    if not said["values"]:  # a row that is none of the table's: what it lacks is not the point
        return [kept]
    record = Record(said["locator"], said["kind"], said["values"], said["literal"])
    now = typing.row(record).reasons  # in the words of now: the kept ones may be older
    is_said = any((reason.column, reason.found) == (kept.column, kept.found) for reason in now)
    return list(dict.fromkeys([*(() if is_said else (kept,)), *now]))


def _expected(reason: Reason, contract: Contract) -> str:
    """Say what a column takes in the words of who fills it: its title, and the label that is close."""
    column = contract.by_name.get(reason.column or "")
    if column is None:
        if reason.expected == ONE_PER_KEY:
            titles = ", ".join(wording.titled(name, contract) for name in _printed_key(contract))
            return f"une seule fois chaque combinaison de {titles}"
        return reason.expected
    if reason.found == MASKED and column.range is not None:  # the mask is no number: not what was wrong
        return "un nombre entre {} et {}".format(*map(format_number, column.range))
    if not reason.expected.endswith(list_of(column)):
        return reason.expected
    return f"{reason.expected}{_codes(column) or _closest(reason.found or '', column)}"


def _printed_key(contract: Contract) -> Sequence[str]:
    """The columns of the key that stand on the sheet: who fills it sees no others."""
    options = contract.form.options
    printed = {*options.get("columns", {}).values()}
    for table in options.get("tables", ()):
        printed.update(table.get("keys", {}).values())
        printed.update(filter(None, [(table.get("wide") or {}).get("into")]))
    return [name for name in contract.key if name in printed] or contract.key


def _closest(found: str, column: Column) -> str:
    labels = {fold(label): label for label in code_lists.labels(column.code_list or "", column.kinds)}
    close = difflib.get_close_matches(fold(found), labels, n=1, cutoff=0.6)
    return f" ; le plus proche : « {labels[close[0]]} »" if close else ""


def _title(column: Column | None, name: str | None) -> str | None:
    return name if column is None else column.title_fr or column.name


def _codes(column: Column | None) -> str:
    """Spell out a short code list: what may stand in the cell."""
    if column is None or column.code_list is None:
        return ""
    codes = sorted(code_lists.load(column.code_list, column.kinds).codes - {"_T"})
    return f" ({', '.join(codes)})" if len(codes) <= _MOST_CODES else ""


def _who_fixes(delivery: Delivery, db: Connection) -> list[tuple[str, int]]:
    """How many rejected records each party has to correct."""
    return db.execute(
        """select who_fixes, count(*) from meta.rejections
            where delivery_id = %s group by who_fixes order by count(*) desc, who_fixes""",
        [delivery.delivery_id],
    ).fetchall()


def _failed_checks(delivery: Delivery, db: Connection) -> list[dict[str, Any]]:
    return rows(
        db,
        """select check_name, subject, expected, observed, severity, who_fixes, failing
             from meta.check_results
            where delivery_id = %s and not passed
            order by severity, check_result_id""",
        [delivery.delivery_id],
    )


def _at_checks(
    failed: Sequence[dict[str, Any]], contract: Contract, *, is_partial: bool
) -> Iterator[Anomaly]:
    """Give an anomaly for each row at which a check failed; its subject opens with the column.

    Rows were rejected when `is_partial`: a total that lacks them may be right.
    """
    headers = _headers(contract)
    for check in failed:
        name = check["subject"].partition(" (")[0]
        for row in check["failing"]:
            yield Anomaly(
                row["record_locator"],
                _title(contract.by_name.get(name), None),
                row["found"],
                check["expected"],
                check["who_fixes"],
                headers=headers.get(name, frozenset()),
                is_of_check=True,
                is_repeated=row["is_repeated"],
                is_warning=_is_warning(check, is_partial=is_partial),
            )


def _is_warning(check: Mapping[str, Any], *, is_partial: bool) -> bool:
    """Whether what a check found may be right: once the rejected rows are there, for what lacks them."""
    return check["severity"] == "warning" or (is_partial and check["check_name"] in _LACK_REJECTED)


def _headers(contract: Contract) -> dict[str, frozenset[str]]:
    """What may stand above each column, folded: what the reader's options say of it, and its French name."""
    options = contract.form.options
    named = [*options.get("columns", {}).items()]
    for table in options.get("tables", ()):
        named += table.get("keys", {}).items()
        named += ((value["header"], contract.evidence) for value in table.get("values", ()))
    named += ((column.title_fr, column.name) for column in contract.columns if column.title_fr)
    headers: dict[str, frozenset[str]] = {}
    for header, name in named:
        parts = frozenset(fold(part) for part in (header, *header.split(" / ")))
        headers[name] = headers.get(name, frozenset()) | parts
    return headers


# --- What was received ---------------------------------------------------------------------------------


def _explained(
    delivery: Delivery, contract: Contract, anomalies: Sequence[Anomaly], workbook: Workbook
) -> Iterator[int]:
    """Add each sheet of the archived file to a workbook; give how many of its cells are coloured.

    None when it is no workbook and no delimited text. Raises AlteredArchiveError, or UnreadableDelivery when
    the file is too much.
    """
    if contract.personal is not None:
        return  # what names persons is not copied: the list of anomalies says the place of each
    headers = frozenset().union(*_headers(contract).values())
    titles = {fold(SUMMARY)}
    for sheet in _sheets(archived.file_of(delivery, contract)):
        if fold(sheet.name) in titles:  # what an earlier error workbook said, sent back with it
            continue
        titles.add(fold(sheet.name))
        written = workbook.create_sheet(sheet.name)
        _copy(sheet, written)
        yield _explain(sheet, written, anomalies, headers)


def _sheets(path: Path) -> Iterator[_Sheet]:
    try:
        marks = marks_of(path)  # before a sheet is opened: refuses what cannot be held in memory
        workbook = CalamineWorkbook.from_path(path)
    except CalamineError:
        return _text_sheet(path)
    return _workbook_sheets(workbook, marks)


def _workbook_sheets(workbook: CalamineWorkbook, marks: BookMarks) -> Iterator[_Sheet]:
    for number, facts in enumerate(workbook.sheets_metadata, 1):
        try:
            sheet = workbook.get_sheet_by_name(facts.name)
            width = sheet.total_width
            if width > _MOST_COLUMNS:
                continue
            most = min(_MOST_ROWS, _MOST_CELLS // max(width, 1))
            cells = sheet.to_python(skip_empty_area=False, nrows=most)
            of_sheet = marks.of(facts.name)
            _show_unusable(cells, of_sheet)
            _drop_earlier(cells)
            ranges = [
                ((top + 1, left + 1), (bottom + 1, right + 1))
                for (top, left), (bottom, right) in merged_within(sheet, cells)
            ]
        except (CalamineError, UnreadableDelivery):
            continue  # a chart or a broken sheet: its anomalies are listed all the same
        yield _Sheet(
            _sheet_name(facts.name),
            cells,
            facts.visible != SheetVisibleEnum.Visible,
            ranges,
            number=number,
            percents=frozenset((row + 1, column + 1) for row, column in of_sheet.percents),
        )


def _show_unusable(cells: list[list[Any]], marks: Marks) -> None:
    """Put the text of a formula without a value in its cell: left empty, it would come back as unknown."""
    for (row, column), (text, _) in marks.unusable.items():
        if row < len(cells):
            cells[row] += [""] * (column + 1 - len(cells[row]))
            cells[row][column] = text


def _drop_earlier(cells: list[list[Any]]) -> None:
    """Take out what an earlier error workbook said of the rows: the workbook was corrected in it."""
    earlier = {at for row in cells for at, text in enumerate(row) if text == ANOMALY}
    for row in cells:
        for column in earlier:
            if column < len(row):
                row[column] = ""
    width = max((at for row in cells for at, value in enumerate(row, 1) if value != ""), default=0)
    for row in cells:
        del row[width:]


def _text_sheet(path: Path) -> Iterator[_Sheet]:
    """A delimited text as one sheet; the separator is the one that its lines hold most."""
    try:
        with opened(path, encoding_of(path)) as stream:
            first = [*islice(bounded_lines(stream), _MOST_ROWS)]
        if first and first[0].startswith("%PDF-"):
            return
        counts = Counter({separator: sum(line.count(separator) for line in first) for separator in ";\t,"})
        reader = csv.reader(first, delimiter=counts.most_common(1)[0][0])
        cells: list[list[Any]] = []
        lines = {}
        count = 0
        for row in reader:
            count += len(row)
            if len(row) > _MOST_COLUMNS:
                return
            if count > _MOST_CELLS:
                break
            cells.append(list(row))
            lines[reader.line_num] = len(cells)
    except (UnreadableDelivery, csv.Error):
        return
    yield _Sheet("Fichier reçu", cells, lines=lines)


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "_", name).strip("'")[:31] or "Feuille"


# --- The same sheets, explained ------------------------------------------------------------------------


def _copy(sheet: _Sheet, written: Worksheet) -> None:
    for at, cells in enumerate(sheet.cells, 1):
        for column, value in enumerate(cells, 1):
            if value != "" and value is not None:
                _put(written.cell(at, column), value)
                if (at, column) in sheet.percents:
                    written.cell(at, column).number_format = _PERCENT
    for first, last in sheet.ranges:
        written.merge_cells(start_row=first[0], start_column=first[1], end_row=last[0], end_column=last[1])
    widths: Counter[int] = Counter()
    for cells in sheet.cells[:200]:
        for column, value in enumerate(cells, 1):
            widths[column] = max(widths[column], min(len(_shown(value)), 44))
    for column, width in widths.items():
        written.column_dimensions[get_column_letter(column)].width = max(width + 2, 9)
    if sheet.is_hidden:
        written.sheet_state = "hidden"


def _put(cell: Cell | MergedCell, value: Any) -> None:
    if isinstance(value, str):
        put_text(cell, value)
    else:
        cell.value = value


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value).replace(".", ",")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def _explain(sheet: _Sheet, written: Worksheet, anomalies: Iterable[Anomaly], headers: frozenset[str]) -> int:
    """Colour each faulty cell, with the reason as a comment and in the column « Anomalie » of its row.

    Return how many cells are coloured; those that are only to be looked at have a colour of their own.
    """
    reasons: dict[tuple[int, int], list[str]] = {}
    faulty: set[tuple[int, int]] = set()
    for anomaly in anomalies:
        if place := _place(sheet, anomaly, headers):
            said = reasons.setdefault(place, [])
            if str(anomaly) not in said:
                said.append(str(anomaly))
            if not anomaly.is_warning:
                faulty.add(place)
    if not reasons:
        return 0
    beside = sheet.columns.stop
    by_row: dict[int, list[str]] = {}
    for (row, column), said in sorted(reasons.items()):
        cell = written.cell(row, column)
        cell.fill = _FAULTY if (row, column) in faulty else _DOUBTFUL
        cell.comment = Comment("\n".join(said)[:2000], "PONAM", height=120, width=320)
        by_row.setdefault(row, []).extend(line for line in said if line not in by_row.get(row, []))
    named = (row for row in range(min(by_row) - 1, 0, -1) if _names(sheet, row) & headers)
    if at := next(named, min(by_row) - 1):
        heading = written.cell(at, beside)
        put_text(heading, ANOMALY)
        heading.font, heading.fill = Font(bold=True), _HEADER
    rows_at_fault = {row for row, _ in faulty}
    for row, said in by_row.items():
        cell = written.cell(row, beside)
        put_text(cell, " ; ".join(said))
        cell.alignment, cell.fill = _WRAPPED, _FAULTY if row in rows_at_fault else _DOUBTFUL
    written.column_dimensions[get_column_letter(beside)].width = 70
    return len(reasons)


def _place(sheet: _Sheet, anomaly: Anomaly, headers: frozenset[str]) -> tuple[int, int] | None:
    """The faulty cell, row and column from 1: on the record's row, the one that holds what was found."""
    if match := _IN_WORKBOOK.fullmatch(anomaly.locator):
        if _sheet_name(match["sheet"]) != sheet.name or sheet.lines:
            return None
        row, own = int(match["row"]), column_index_from_string(match["column"])
    elif match := _IN_BOOK.fullmatch(anomaly.locator):
        return (1, 1) if int(match["number"]) == sheet.number else None
    elif not any(len(_names(sheet, row) & headers) > 1 for row in range(1, _HEADER_ROWS)):
        return None
    elif match := _IN_TEXT.fullmatch(anomaly.locator):
        row, own = sheet.lines.get(int(match["row"]), int(match["row"])), 1
        if match["header"]:
            own = next(iter(_columns_under(sheet, frozenset((fold(match["header"]),)), own)), own)
    else:
        row, own = _likeliest_row(sheet, anomaly.printed), 1
    if not 0 < row <= len(sheet.cells):
        return None
    titled = _columns_under(sheet, anomaly.headers, own)
    if anomaly.found and not anomaly.is_of_check:
        wanted = fold(anomaly.found)
        candidates = [own, *titled, *sheet.columns]
        column = next((c for c in candidates if fold(sheet.text(row, c)) == wanted), own)
    else:
        column = next(iter(titled), own)
    if anomaly.is_repeated and not _says(sheet.text(row, column), anomaly.found or ""):
        return None
    place: tuple[int, int] = (row, column)
    return sheet.merged.get(place, place)


def _likeliest_row(sheet: _Sheet, printed: frozenset[str]) -> int:
    """The row that says most of what a record says; 0 when none says two things of it."""
    shared = {row: len(_names(sheet, row) & printed) for row in range(1, len(sheet.cells) + 1)}
    best = max(shared, key=lambda row: shared[row], default=0)
    return best if shared.get(best, 0) > 1 else 0


def _names(sheet: _Sheet, row: int) -> set[str]:
    return {fold(sheet.text(row, column)) for column in sheet.columns}


def _columns_under(sheet: _Sheet, headers: frozenset[str], own: int) -> list[int]:
    """Give the columns that one of the first rows names so, those of the record's own table first.

    Tables stand side by side, what a row is about to the left of its figures.
    """
    found = [
        column
        for column in sheet.columns
        if any(fold(sheet.text(row, column)) in headers for row in range(1, _HEADER_ROWS))
    ]
    return sorted(found, key=lambda column: (column > own, abs(column - own)))


def _says(text: str, found: str) -> bool:
    """Whether a cell holds one of the values that a check found: « 264, 265 »."""
    return any(_same_value(text, value) for value in found.split(", "))


def _same_value(text: str, other: str) -> bool:
    try:
        return parse_number(text) == parse_number(other)
    except NotAsExpected:
        return fold(text) == fold(other)


# --- The summary ---------------------------------------------------------------------------------------


def _summarise(
    sheet: Worksheet,
    delivery: Delivery,
    contract: Contract,
    anomalies: Sequence[Anomaly],
    who_fixes: Sequence[tuple[str, int]],
    failed: Sequence[dict[str, Any]],
    *,
    is_coloured: bool,
) -> None:
    for letter, width in {"A": 34, "B": 30, "C": 34, "D": 60, "E": 24}.items():
        sheet.column_dimensions[letter].width = width
    lines: list[Sequence[str]] = [
        (contract.title_fr,),
        (f"Livraison n° {delivery.delivery_id} : {STATUS_FR[delivery.status]}",),
        (),
        ("Fichier reçu", delivery.file_name),
        ("Reçu le", f"{delivery.fetched_at:%d/%m/%Y}"),
        ("Publié le", f"{delivery.published_on:%d/%m/%Y}"),
        ("Contrat", f"{contract.dataset}, version {contract.version}"),
        *_counts(delivery, contract),
        *([("Motif", delivery.status_reason)] if delivery.status_reason and not failed else []),
        (),
        *((line,) for line in _how_to_send_back(delivery, contract, is_coloured=is_coloured)),
    ]
    at = 1
    for line in lines:
        _write_line(sheet, at, line, is_bold=at <= 2)
        at += 1
    if anomalies:
        table = [(WHO_FIXES_FR.get(who, who), _number(count)) for who, count in who_fixes]
        at = _table(sheet, at + 1, ("Qui corrige", "Rejets"), table)
    if failed:
        checks = [
            (
                "à vérifier" if _is_warning(check, is_partial=bool(anomalies)) else "bloquant",
                WHO_FIXES_FR.get(check["who_fixes"], check["who_fixes"]),
                f"{wording.subject(check['subject'], contract)} : attendu {check['expected']}",
                f"Constaté : {check['observed'] or '—'}",
            )
            for check in failed
        ]
        at = _table(sheet, at + 1, ("Contrôle de l’ensemble", "Qui corrige", "Attendu", "Constaté"), checks)
    if anomalies:
        listed = [
            (
                a.locator,
                a.column or "—",
                a.found or "vide",
                a.expected,
                WHO_FIXES_FR.get(a.who_fixes, ""),
            )
            for a in anomalies[:_MOST_LISTED]
        ]
        headers = ("Place", "Colonne", "Trouvé", "Attendu", "Qui corrige")
        at = _table(sheet, at + 1, headers, listed)
        if (rest := (delivery.rows_rejected or 0) - _MOST_LISTED) > 0:
            _write_line(sheet, at, (f"… et {_number(rest)} autres rejets",), is_bold=False)


def _counts(delivery: Delivery, contract: Contract) -> Iterator[tuple[str, str]]:
    for label, count in (
        ("Lu", delivery.records_read),
        ("Retenu", delivery.rows_staged),
        ("Déjà connu", delivery.rows_unchanged),
        ("Rejeté", delivery.rows_rejected),
    ):
        if count is not None:
            yield label, f"{_number(count)} {wording.counted(contract)} et notes"


def _how_to_send_back(delivery: Delivery, contract: Contract, *, is_coloured: bool) -> Iterator[str]:
    if delivery.status == "accepted":
        yield "Ce qui est juste est en service ; ce qui est rejeté n’y est pas."
    else:
        yield "Rien de ce fichier n’est en service ; ce qui l’était avant le reste."
    takes_workbooks = contract.form.reader in _TAKE_WORKBOOKS
    if not is_coloured:
        correct, sent = "corrigez votre fichier selon ce qui est dit sur cette feuille", "votre fichier"
    elif takes_workbooks:
        correct, sent = _CORRECT_CELLS, "ce classeur"
    else:
        correct, sent = _CORRECT_CELLS, "la feuille, enregistrée dans le format du fichier reçu,"
    yield (
        f"Pour corriger : {correct}, puis renvoyez {sent} à la cellule de suivi, sous un nom "
        f"qui commence par le jour de la publication ({delivery.published_on:%Y-%m-%d}_…). Elle le dépose "
        f"dans le dossier « {contract.dataset} »."
    )
    if not is_coloured:
        return
    if takes_workbooks:
        yield f"Cette feuille et la colonne « {ANOMALY} » peuvent rester : elles ne sont pas lues."
    else:
        yield f"Supprimez d’abord la colonne « {ANOMALY} »."


def _table(sheet: Worksheet, at: int, headers: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """Write a small table from a row on; give the row after it."""
    _write_line(sheet, at, headers, is_bold=True)
    for column in range(1, len(headers) + 1):
        sheet.cell(at, column).fill = _HEADER
    for line in lines:
        at += 1
        _write_line(sheet, at, line, is_bold=False)
    return at + 1


def _write_line(sheet: Worksheet, at: int, line: Sequence[str], *, is_bold: bool) -> None:
    for column, text in enumerate(line, 1):
        cell = sheet.cell(at, column)
        put_text(cell, text)
        cell.alignment = _WRAPPED
        if is_bold:
            cell.font = Font(bold=True)
    if len(line) == 1:
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=5)
        sheet.row_dimensions[at].height = 15 * (1 + len(line[0]) // 150)


def _number(count: int) -> str:
    return format_number(count)
