"""Hostile and broken files: a reader gives records or UnreadableDelivery, in bounded time and memory.

Every file here is made up for the test.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from base64 import a85encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from infra.publications.manifest import FILES
from ingestion import contracts, read
from ingestion.archive import safe_name
from ingestion.contracts import Contract
from ingestion.read import Record, UnreadableDelivery, limits
from ingestion.read.excel import Table, Value
from ingestion.read.marks import Marks
from ingestion.templates import received

SHEET = "xl/worksheets/sheet1.xml"
BOMB_MIB = limits.LARGEST_UNPACKED // 2**20 + 1
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


def read_guarded(path: Path, form: str, **options: object) -> list[Record]:
    """Read as a load does."""
    limits.require(path, form)
    return list(read.READERS[form](path, **options))


def _first_contract(form: str) -> Contract:
    return next(one for one in contracts.all().values() if one.form.reader == form)


def _workbook(path: Path, *edits: tuple[str, str], filling: int = 0) -> None:
    """A workbook of one figure, then each text of its sheet's XML replaced by another."""
    book, content = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.title = "A"
    for row in (["Pays", "Valeur"], ["Mali", 1]):
        sheet.append(row)
    book.save(content)
    with (
        zipfile.ZipFile(content) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
    ):
        for name in source.namelist():
            if name != SHEET:
                package.writestr(name, source.read(name))
        xml = source.read(SHEET).decode()
        for old, new in edits:
            assert xml.count(old) == 1
            xml = xml.replace(old, new)
        with package.open(SHEET, "w", force_zip64=True) as part:
            part.write(xml.encode())
            for _ in range(filling):
                part.write(b" " * 2**20)


def zip_bomb(path: Path) -> None:
    _workbook(path, filling=BOMB_MIB)


def zip_bomb_that_lies(path: Path) -> None:
    """Its directory says that the part unpacks to 100 bytes."""
    zip_bomb(path)
    with zipfile.ZipFile(path) as package:
        size = package.getinfo(SHEET).file_size.to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))


def many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        for number in range(limits.MOST_PARTS + 1):
            package.writestr(f"{number}.xml", b"")


def ods_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        with package.open("content.xml", "w", force_zip64=True) as part:
            for _ in range(BOMB_MIB):
                part.write(b" " * 2**20)


LAST_ROW = "</row></sheetData>"
MERGED = '</sheetData><mergeCells count="{}">{}</mergeCells>'


def entities(path: Path) -> None:
    cell = '<c r="C2" t="str"><v>&e9;</v></c>' + LAST_ROW
    _workbook(
        path, (LAST_ROW, cell), ("<worksheet ", f'<!DOCTYPE x [<!ENTITY e0 "dix">{ENTITIES}]><worksheet ')
    )


def far_cell(path: Path) -> None:
    _workbook(path, (LAST_ROW, '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))


def stray_cell(path: Path) -> None:
    """Twelve KB; only 46 columns, and the last row that a sheet has."""
    _workbook(path, (LAST_ROW, '</row><row r="1048576"><c r="AT1048576"><v>1</v></c></row></sheetData>'))


def stray_cell_that_its_row_places(path: Path) -> None:
    """Of one cell the row alone says where it stands, of the other not even a row."""
    row = '</row><row r="1048576"><c><v>1</v></c></row><c r="XFD1"><v>1</v></c></sheetData>'
    _workbook(path, (LAST_ROW, row))


def _rewrite(path: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    """Change the name and the content of each part of the package that stands there."""
    with zipfile.ZipFile(path) as package:
        parts = [change(name, package.read(name)) for name in package.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts:
            package.writestr(name, content)


def stray_cell_of_a_strict_workbook(path: Path) -> None:
    """« Classeur Open XML Strict »: the same elements in other namespaces."""
    stray_cell(path)
    transitional, strict = (
        b"schemas.openxmlformats.org/spreadsheetml/2006",
        b"purl.oclc.org/ooxml/spreadsheetml",
    )
    _rewrite(path, lambda name, content: (name, content.replace(transitional, strict)))


def stray_cell_in_a_part_of_another_name(path: Path) -> None:
    stray_cell(path)
    _rewrite(path, lambda name, content: (name.replace("sheet1", "SHEET1"), content))


def stray_cell_in_a_part_of_another_folder(path: Path) -> None:
    stray_cell(path)
    _rewrite(
        path,
        lambda name, content: (
            name.replace("worksheets/sheet1", "a"),
            content.replace(b"worksheets/sheet1", b"a"),
        ),
    )


def two_workbooks(path: Path) -> None:
    stray_cell(path)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("content.xml", ODS.format(ODS_TEXT, ""))


def many_tags(path: Path) -> None:
    """Small once unpacked, and large once parsed."""
    _workbook(path, (LAST_ROW, "<x/>" * 700_000 + LAST_ROW))


def ods_of_many_tags(path: Path) -> None:
    _ods(path, _ods_row(MALI + _ods_figure()), "<x/>" * 700_000)


def document_type(path: Path) -> None:
    _workbook(path, ("<worksheet ", "<!DOCTYPE x [<!ELEMENT e ANY>]><worksheet "))


def texts_that_lie(path: Path) -> None:
    """calamine makes room for all of them, and the process ends where there is none."""
    _with_texts(path, 'uniqueCount="4294967295"')


def _with_texts(path: Path, said: str) -> None:
    _workbook(path)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/SharedStrings.xml", f"<sst {said}><si><t>Mali</t></si></sst>")


def two_parts_of_one_name(path: Path) -> None:
    """One sheet says 1, the other one 999."""
    _workbook(path)
    with zipfile.ZipFile(path, "a") as package:
        content = package.read(SHEET).replace(b"<v>1</v>", b"<v>999</v>")
        package.writestr(SHEET.replace("sheet1", "Sheet1"), content)


def cell_given_twice(path: Path) -> None:
    _workbook(path, (LAST_ROW, '<c r="B2"><v>7</v></c>' + LAST_ROW))


def row_given_twice(path: Path) -> None:
    _workbook(
        path, (LAST_ROW, '</row><row r="2"><c r="A2"><v>7</v></c><c r="B2"><v>7</v></c></row></sheetData>')
    )


def xls_that_goes_round(path: Path) -> None:
    """Each of its sectors is followed by itself."""
    table = struct.pack("<128I", *range(128))
    head = bytearray(512)
    head[:8], head[24:32] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", struct.pack("<4H", 62, 3, 0xFFFE, 9)
    head[32:76] = struct.pack("<11I", 6, 0, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head[76:] = struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    path.write_bytes(bytes(head) + table + bytes(1024))


def xls_whose_table_goes_round(path: Path) -> None:
    xls_that_goes_round(path)
    content = bytearray(path.read_bytes())
    content[68:72] = content[512 + 508 : 512 + 512] = struct.pack("<I", 0)
    path.write_bytes(content)


def merged_far(path: Path) -> None:
    """Its filled cells are few; those between them are merged."""
    filled = '</row><row r="600000"><c r="B600000"><v>1</v></c></row>'
    _workbook(path, (LAST_ROW, filled + MERGED.format(1, '<mergeCell ref="A3:B600000"/>')))


def hidden_column_without_number(path: Path) -> None:
    _workbook(path, ("<sheetData>", '<cols><col min="x" max="1" hidden="1"/></cols><sheetData>'))


def hidden_row_without_number(path: Path) -> None:
    _workbook(path, ('<row r="2"', '<row hidden="1" r="q"'))


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="A"><table:table-row>{0}<text:p>Pays</text:p></table:table-cell>'
    "{0}<text:p>Valeur</text:p></table:table-cell></table:table-row>{1}</table:table>"
    "</office:spreadsheet></office:body></office:document-content>"
)
MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
ODS_TEXT = '<table:table-cell office:value-type="string">'
ODS_FIGURE = (
    '<table:table-cell table:number-columns-repeated="{}" office:value-type="float" office:value="1">'
    "<text:p>1</text:p></table:table-cell>"
)
MALI = f"{ODS_TEXT}<text:p>Mali</text:p></table:table-cell>"


def _ods(path: Path, *rows: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", MANIFEST)
        package.writestr("content.xml", ODS.format(ODS_TEXT, "".join(rows)))


def _ods_row(cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def _ods_figure(repeated: int = 1) -> str:
    return ODS_FIGURE.format(repeated)


def ods_repeated(path: Path) -> None:
    """Eighty million figures in less than 1 KB."""
    _ods(path, _ods_row(_ods_figure(4_000), 20_000))


def ods_repeated_over_sheets(path: Path) -> None:
    """Each sheet is within bounds, and calamine holds them all."""
    sheet = '</table:table><table:table table:name="S{}">'
    filled = _ods_row(_ods_figure(1_000), 1_000)
    _ods(path, *(sheet.format(number) + filled for number in range(6)))


def ods_far_cell(path: Path) -> None:
    empty = '<table:table-cell table:number-columns-repeated="16383"/>'
    _ods(path, _ods_row("<table:table-cell/>", 1_000_000), _ods_row(empty + _ods_figure()))


def ods_with_a_comment(path: Path) -> None:
    _ods(path, _ods_row(f"<!-- vu -->{MALI}{_ods_figure()}"))


def ods_filled_up_with_nothing(path: Path) -> None:
    """As LibreOffice writes it: nothing, up to the last row and column, once."""
    nothing = '<table:table-cell table:number-columns-repeated="16382"/>'
    figures = MALI + _ods_figure() + nothing
    _ods(path, _ods_row(figures, 3), _ods_row(nothing, 1_048_572))


def _brt(kind: int, body: bytes = b"") -> bytes:
    """A record of an .xlsb: its type and its length seven bits an octet."""
    octets = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 0x7F else bytes([kind])
    return octets + bytes([len(body)]) + body


def _brt_text(text: str) -> bytes:
    return len(text).to_bytes(4, "little") + text.encode("utf-16-le")


def _xlsb(path: Path, *cells: tuple[int, int, str | float], part: str = "worksheets/sheet1.bin") -> None:
    """A workbook of one figure, and of other cells: row, column, value."""
    sheet = _brt(0x94, bytes(16)) + _brt(0x91)  # its dimension, which may lie, and the beginning of its cells
    for row, column, value in ((0, 0, "Pays"), (0, 1, "Valeur"), (1, 0, "Mali"), (1, 1, 1.0), *cells):
        head = column.to_bytes(4, "little") + bytes(4)
        sheet += _brt(0, row.to_bytes(4, "little") + bytes(12))
        if isinstance(value, str):
            sheet += _brt(6, head + _brt_text(value))
        else:
            sheet += _brt(5, head + struct.pack("<d", value))
    named = bytes(8) + _brt_text("rId1") + _brt_text("A")
    relations = f'<Relationships><Relationship Id="rId1" Target="{part}"/></Relationships>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.bin", _brt(0x9C, named) + _brt(0x90) + _brt(0x9D))
        package.writestr("xl/_rels/workbook.bin.rels", relations)
        package.writestr("xl/worksheets/sheet1.bin", sheet + _brt(0x92))


def xlsb_of_one_figure(path: Path) -> None:
    _xlsb(path, (9, 9, "Vu"))


def xlsb_stray_cell(path: Path) -> None:
    _xlsb(path, (2**20 - 1, 45, 1.0))


def xlsb_stray_cell_in_another_case(path: Path) -> None:
    _xlsb(path, (2**20 - 1, 2**14 - 1, 1.0), part="worksheets/SHEET1.bin")


def _xlsb_that_ends(path: Path, end: bytes) -> None:
    _xlsb(path)
    _rewrite(path, lambda name, content: (name, content.replace(_brt(0x92), end)))


def xlsb_of_a_cell_of_nothing(path: Path) -> None:
    """Where calamine reads the column of the record before."""
    _xlsb_that_ends(path, _brt(7) + _brt(0x92))


def xlsb_cut_off(path: Path) -> None:
    _xlsb_that_ends(path, b"")


def xlsb_of_a_text_that_does_not_exist(path: Path) -> None:
    """At which calamine panics: no Exception, and the end of the run if nobody notices."""
    _xlsb_that_ends(path, _brt(7, bytes(8) + (9).to_bytes(4, "little")) + _brt(0x92))


def merged_everywhere(path: Path) -> None:
    """Read: what is merged is empty."""
    refs = ("C1:XFD1048576", "A3:XFD1048576", "A2:B2", "A2:B2")
    _workbook(path, ("</sheetData>", MERGED.format(4, "".join(f'<mergeCell ref="{ref}"/>' for ref in refs))))


def hidden_by_number(path: Path) -> None:
    _workbook(
        path,
        ("<sheetData>", '<cols><col min="1" max="16384" hidden="1"/></cols><sheetData>'),
        ('<row r="2"', '<row hidden="1" r="2"'),
    )


def pdf_bomb(path: Path) -> None:
    packing = zlib.compressobj(1)
    packed = b"".join(packing.compress(b" " * 2**20) for _ in range(BOMB_MIB)) + packing.flush()
    head = f"%PDF-1.4\n1 0 obj <</Length {len(packed)} /Filter /FlateDecode>>\nstream\n".encode()
    path.write_bytes(head + packed + b"\nendstream\nendobj\n")


def pdf_packed_twice(path: Path) -> None:
    path.write_bytes(b"%PDF-1.4\n1 0 obj <</Filter [/FlateDecode /FlateDecode]>>\nstream\n")


def _pdf_in_letters(path: Path, filters: str, write: Callable[[bytes], bytes]) -> None:
    """Its stream is packed, then written in letters."""
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(b" " * 2**20) for _ in range(BOMB_MIB)) + packing.flush()
    head = f"%PDF-1.4\n1 0 obj <</Length 1 /Filter {filters}>>\nstream \n".encode()
    path.write_bytes(head + write(packed) + b"\nendstream\nendobj\n")


def pdf_bomb_in_ascii85(path: Path) -> None:
    _pdf_in_letters(path, "[/ASCII85Decode/FlateDecode]", lambda packed: a85encode(packed) + b"~>")


def pdf_bomb_in_hex(path: Path) -> None:
    _pdf_in_letters(path, "[/A#53CIIHexDecode /Fl]", lambda packed: packed.hex().encode() + b">")


def pdf_with_filters_elsewhere(path: Path) -> None:
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj [/ASCII85Decode/FlateDecode]\nendobj\n2 0 obj <</F 1 0 R>>\nstream\n"
    )


def pdf_in_lzw(path: Path) -> None:
    path.write_bytes(b"%PDF-1.4\n1 0 obj <</Filter /L#5aWDecode>>\nstream\n" + b" " * 2**18)


def pdf_without_text(path: Path) -> None:
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.rect(10, 10, 50, 50)
    document.output(str(path))


def long_line(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(80):
            file.write(b"a" * 2**20)


def many_columns(path: Path) -> None:
    path.write_bytes(b"a;" * 10_000_000 + b"\n" + b"1;" * 10_000_000 + b"\n")


def nul_bytes(path: Path) -> None:
    path.write_bytes(b"Pays;Valeur\nMali;\x00\n")


def many_empty_columns(path: Path) -> None:
    """Each line is shorter than a million characters, and holds as many cells."""
    path.write_bytes(b"Pays;Valeur" + b";" * 900_000 + b"\n" + b"Mali;1" + b";" * 900_000 + b"\n")


def unbalanced_quote(path: Path) -> None:
    path.write_bytes(b'Pays;Valeur\n"Mali;1\n' + b"Mali;1\n" * 300_000)


def deep_json(path: Path) -> None:
    path.write_bytes(b"[" * 200_000)


PAGE = '{{"page": 1, "pages": {}, "total": 1}}'


def json_of_endless_pages(path: Path) -> None:
    path.write_text(f"[{PAGE.format(10**12)}, [{{}}]]")


def json_of_a_page_of_many_digits(path: Path) -> None:
    path.write_text(f"[{PAGE.format('9' * 5_000)}, [{{}}]]")


def json_of_many_documents(path: Path) -> None:
    path.write_bytes(b"[1] " * 1_000_000)


def json_member_given_twice(path: Path) -> None:
    path.write_text('[{"value": 1, "value": 2}]')


def deep_html(path: Path) -> None:
    path.write_bytes(b"<html><body>" + b"<div>" * 200_000 + b"x")


def many_attributes(path: Path) -> None:
    path.write_bytes(b"<html><body><p " + b" ".join(b"a%d" % n for n in range(1_000_000)) + b">x")


def huge_html(path: Path) -> None:
    path.write_bytes(b"<html>" + b" " * limits.LARGEST_FILE["article"])


def html_entities(path: Path) -> None:
    path.write_text(f'<!DOCTYPE html [<!ENTITY e0 "dix">{ENTITIES}]><html><body><p>&e9;</p></body></html>')


Making = Callable[[Path], None]
HOSTILE: tuple[tuple[str, Making, str], ...] = (
    ("excel", zip_bomb, "une fois décompressé"),
    ("excel", zip_bomb_that_lies, "abîmée"),
    ("excel", many_parts, "parties"),
    ("excel", ods_bomb, "une fois décompressé"),
    ("excel", entities, r"la partie xl/.*\.xml : trouvé des entités XML .*; attendu un classeur enregistré"),
    ("excel", far_cell, "loin des autres"),
    (
        "excel",
        stray_cell,
        "loin des autres, AT1048576 : 1\u202f048\u202f576 lignes × 46 colonnes ; attendu au plus",
    ),
    ("excel", stray_cell_that_its_row_places, "loin des autres, XFD1"),
    ("excel", stray_cell_of_a_strict_workbook, "loin des autres, AT1048576"),
    ("excel", stray_cell_in_a_part_of_another_name, "loin des autres, AT1048576"),
    ("excel", stray_cell_in_a_part_of_another_folder, "loin des autres, AT1048576"),
    ("excel", two_workbooks, "plusieurs classeurs"),
    ("excel", many_tags, "balises"),
    ("excel", ods_of_many_tags, "balises"),
    ("excel", document_type, r"la partie xl/.*\.xml : trouvé un type de document XML"),
    ("excel", texts_that_lie, "annonce 4\u202f294\u202f967\u202f295 textes"),
    ("excel", two_parts_of_one_name, "deux parties ont le même nom"),
    ("excel", cell_given_twice, "la cellule B2 donnée deux fois"),
    ("excel", row_given_twice, "la cellule A2 donnée deux fois"),
    ("excel", xls_that_goes_round, "contenu sans fin"),
    ("excel", xls_whose_table_goes_round, "contenu sans fin"),
    ("excel", merged_far, "cellules fusionnées"),
    ("excel", hidden_column_without_number, "partie abîmée"),
    ("excel", hidden_row_without_number, "partie abîmée"),
    ("excel", ods_repeated, "loin des autres"),
    ("excel", ods_repeated_over_sheets, "sont répétées"),
    ("excel", ods_far_cell, "loin des autres, XFD1000002"),
    ("excel", ods_with_a_comment, "abîmé"),
    ("excel", xlsb_stray_cell, "« A » : trouvé une cellule remplie loin des autres, AT1048576"),
    ("excel", xlsb_stray_cell_in_another_case, "loin des autres, XFD1048576"),
    ("excel", xlsb_of_a_cell_of_nothing, "partie abîmée"),
    ("excel", xlsb_cut_off, "attendu un classeur"),
    ("excel", xlsb_of_a_text_that_does_not_exist, "attendu un classeur"),
    ("csv", zip_bomb, "une fois décompressé"),
    ("transcription", zip_bomb, "une fois décompressé"),
    ("pdf_table", pdf_bomb, "une fois décompressé"),
    ("pdf_table", pdf_packed_twice, "deux fois"),
    ("pdf_table", pdf_bomb_in_ascii85, "une fois décompressé"),
    ("pdf_table", pdf_bomb_in_hex, "une fois décompressé"),
    ("pdf_table", pdf_with_filters_elsewhere, "ailleurs"),
    ("pdf_table", pdf_in_lzw, "en LZW"),
    ("pdf_table", pdf_without_text, "aucun texte"),
    ("pdf_table", long_line, "au plus"),
    ("csv", long_line, "million de caractères"),
    ("csv", many_columns, "attendu une ligne d’au plus un million de caractères"),
    ("csv", many_empty_columns, "900\u202f002 colonnes ; attendu au plus 16\u202f384"),
    ("csv", nul_bytes, "binaire"),
    ("csv", unbalanced_quote, "illisible"),
    ("eden", long_line, "million"),
    ("transcription", long_line, "au plus"),
    ("json", deep_json, "illisible"),
    ("json", json_of_endless_pages, "la page 1 sur 1000000000000 "),
    ("json", json_of_a_page_of_many_digits, "la page 1 sur 9{20} "),
    ("json", json_of_many_documents, "plus de 1\u202f000 pages"),
    ("json", json_member_given_twice, "deux fois « value »"),
    ("json", long_line, "au plus"),
    ("article", deep_html, ""),
    ("article", many_attributes, "trop de balises ou d’attributs ; attendu au plus 5 secondes"),
    ("article", huge_html, "au plus"),
    ("article", html_entities, ""),
)
HARMLESS: tuple[Making, ...] = (
    _workbook,
    merged_everywhere,
    hidden_by_number,
    ods_filled_up_with_nothing,
    xlsb_of_one_figure,
)
CSV_OPTIONS = {"columns": {"Pays": "area", "Valeur": "value"}, "delimiter": ";"}
JSON_OPTIONS = {"columns": {"value": "value"}}
EXCEL_OPTIONS = {
    "tables": (
        Table(sheet="A", keys={"Pays": "area"}, values=(Value(header="Valeur"),), total_column="area"),
    )
}


def options_of(form: str) -> dict[str, object]:
    """Options that a reader takes: made up, or those of a dataset."""
    made_up = {
        "csv": CSV_OPTIONS,
        "json": JSON_OPTIONS,
        "excel": EXCEL_OPTIONS,
        "article": {},
        "eden": {},
    }
    return made_up[form] if form in made_up else contracts.reader_options(_first_contract(form))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each of the hostile files."""
    folder = tmp_path_factory.mktemp("hostile")
    for making in {making for _, making, _ in HOSTILE}:
        making(folder / f"abc__{making.__name__}.bin")
    return folder


@pytest.mark.parametrize(("form", "making", "said"), HOSTILE, ids=lambda one: getattr(one, "__name__", None))
def test_it_is_refused_with_the_limit(form: str, making: Making, said: str, made: Path) -> None:
    with pytest.raises(UnreadableDelivery, match=said or None):
        read_guarded(made / f"abc__{making.__name__}.bin", form, **options_of(form))


def test_a_large_ordinary_table_is_within_the_bounds_of_a_sheet() -> None:
    marks = Marks()
    marks.reach(199_999, 19)
    marks.require_bounded("la feuille")


def test_a_text_may_be_used_a_million_times(tmp_path: Path) -> None:
    _with_texts(tmp_path / "x.xlsx", 'count="1000000" uniqueCount="1"')
    [record, *_] = read_guarded(tmp_path / "x.xlsx", "excel", **EXCEL_OPTIONS)
    assert record.values == {"area": "Mali", "value": "1"}


def test_a_wide_text_is_not_copied_into_the_workbook_that_is_sent_back(tmp_path: Path) -> None:
    """However wide and long; its anomalies are listed all the same."""
    many_columns(tmp_path / "endless.csv")
    (tmp_path / "wide.csv").write_bytes((b"a;" * 400_000 + b"\n") * 20)
    (tmp_path / "long.csv").write_bytes((b"1;" * 99 + b"1\n") * 20_000)
    assert not list(received.sheets(tmp_path / "endless.csv"))
    assert not list(received.sheets(tmp_path / "wide.csv"))
    [long] = received.sheets(tmp_path / "long.csv")
    assert len(long.cells) == 5_000


def test_an_ordinary_pdf_in_letters_is_within_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "abc__letters.pdf"
    content = a85encode(zlib.compress(b"BT (Mali) Tj ET")) + b"~>"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj <</EF <</F 2 0 R>>>>\nendobj\n"
        b"2 0 obj <</Filter [/ASCII85Decode /FlateDecode]>>\nstream\n" + content + b"\nendstream\nendobj\n"
    )
    limits.require(path, "pdf_table")


def test_an_xls_that_holds_an_archive_is_no_damaged_one(tmp_path: Path) -> None:
    """As Excel writes its theme, cut into the sectors of the file."""
    book = xlwt.Workbook()
    for row, cells in enumerate((("Pays", "Valeur"), ("Mali", 1))):
        for column, cell in enumerate(cells):
            sheet = book.get_sheet(0) if row or column else book.add_sheet("A")
            sheet.write(row, column, cell)
    book.save(str(tmp_path / "a.xls"))
    theme = io.BytesIO()
    with zipfile.ZipFile(theme, "w") as package:
        package.writestr("theme1.xml", "<theme/>")
    content = (tmp_path / "a.xls").read_bytes() + theme.getvalue().replace(b"<theme/>", b"<tHeme/>")
    (tmp_path / "a.xls").write_bytes(content)
    (record,) = read_guarded(tmp_path / "a.xls", "excel", **EXCEL_OPTIONS)
    assert record.values == {"area": "Mali", "value": "1"}


@pytest.mark.parametrize("making", HARMLESS, ids=lambda one: one.__name__)
def test_its_harmless_twin_is_read(making: Making, tmp_path: Path) -> None:
    making(tmp_path / "twin")
    figures = [record.values for record in read_guarded(tmp_path / "twin", "excel", **EXCEL_OPTIONS)]
    assert {"area": "Mali", "value": "1"} in figures


def test_all_of_them_together_take_little_memory_and_time(made: Path) -> None:
    started = time.monotonic()
    child = subprocess.run(
        [sys.executable, "-m", "tests.unit.test_hostile", str(made)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert child.returncode == 0, child.stderr
    assert time.monotonic() - started < 120
    assert json.loads(child.stdout)["peak_mib"] < 450, child.stdout


def test_a_line_of_1_gb_is_refused_in_little_time_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "abc__endless.csv"
    with path.open("wb") as file:
        file.write(b"Pays;Valeur\n")
        block = b"a" * 2**24
        for _ in range(2**6):
            file.write(block)
    started = time.monotonic()
    child = subprocess.run(
        [sys.executable, "-m", "tests.unit.test_hostile", str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    path.unlink()
    assert child.returncode == 0, child.stderr
    assert time.monotonic() - started < 60
    said = json.loads(child.stdout)
    assert "plus d’un million de caractères" in said["refused"]
    assert said["peak_mib"] < 250, child.stdout


def test_a_refusal_names_the_file_and_the_limit(made: Path) -> None:
    with pytest.raises(UnreadableDelivery) as refused:
        limits.require(made / "abc__zip_bomb.bin", "excel")
    assert "zip_bomb.bin" in str(refused.value)
    assert "268\u202f435\u202f456" in str(refused.value)


def test_scripts_are_no_text_and_nothing_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "article.html"
    path.write_text(
        "<html><head><link rel='canonical' href='https://example.org/a'><script>alert(1)</script></head><body>"
        "<p onclick='x()'>Texte<script>document.write('9')</script></p><iframe src='file:///etc/passwd'>i</iframe>"
        "<img src='http://127.0.0.1:9/x'></body></html>",
        encoding="utf-8",
    )
    assert [record.literal for record in read_guarded(path, "article")] == ["Texte"]


def test_an_article_is_not_named_by_what_a_spreadsheet_would_run(tmp_path: Path) -> None:
    path = tmp_path / "article.html"
    path.write_text(
        "<html><head><link rel='canonical' href='/a/=cmd|x'></head><body><p>Texte</p></body></html>"
    )
    with pytest.raises(UnreadableDelivery, match="aucune adresse"):
        read_guarded(path, "article")


def test_a_formula_in_a_text_file_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Pays;Valeur\n=cmd|'/C calc'!A0;1\n", encoding="utf-8")
    (record,) = read_guarded(path, "csv", **{**CSV_OPTIONS, "encodings": ("utf-8",)})
    assert record.values == {"area": "=cmd|'/C calc'!A0", "value": "1"}


@given(st.text(max_size=120))
def test_a_file_name_leads_nowhere(name: str) -> None:
    safe = safe_name(name)
    assert safe == Path(safe).name
    assert safe not in ("", ".", "..")
    assert not safe.startswith(".")


# --- any bytes -----------------------------------------------------------------------------------------


def _published() -> Iterator[tuple[Contract, bytes]]:
    for contract in contracts.all().values():
        source, _, name = contract.dataset.partition(".")
        files = sorted((FILES / source / name).glob("*"))
        smallest = min((file for file in files if file.is_file()), key=os.path.getsize, default=None)
        if smallest is not None:
            yield contract, smallest.read_bytes()


VALID = {contract.dataset: (contract, content) for contract, content in _published()}
_INSERTED = (
    b"\0",
    b'"',
    b"\r",
    b";",
    b"\xff\xfe",
    b"<div>" * 40,
    b"[" * 400,
    b"9" * 400,
    b"1e999999",
    b"&x;",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8)
@pytest.mark.parametrize("dataset", VALID)
@given(seed=st.integers(0, 2**32), cuts=st.integers(1, 12))
def test_a_mutated_publication_gives_records_or_a_refusal(
    dataset: str, seed: int, cuts: int, tmp_path: Path
) -> None:
    contract, content = VALID[dataset]
    path = tmp_path / "x__mutated"
    path.write_bytes(_mutated(content, random.Random(seed), cuts))  # noqa: S311 - not for secrets
    _read_or_refuse(path, contract)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@pytest.mark.parametrize("form", read.READERS)
@given(
    content=st.binary(max_size=300),
    head=st.sampled_from((b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-1.4\n")),
)
def test_any_bytes_give_records_or_a_refusal(form: str, content: bytes, head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x__bytes"
    path.write_bytes(head + content)
    try:
        read_guarded(path, form, **options_of(form))
    except UnreadableDelivery as refused:
        assert str(refused)


@pytest.mark.parametrize(
    "find", sorted((Path(__file__).parent / "finds").glob("*")), ids=lambda one: one.name
)
def test_what_fuzzing_found_is_refused(find: Path) -> None:
    """Each file once let another exception out of the reader that its name opens with."""
    form = find.name.partition("__")[0]
    with pytest.raises(UnreadableDelivery):
        read_guarded(find, form, **options_of(form))


def _read_or_refuse(path: Path, contract: Contract) -> None:
    try:
        for record in read_guarded(path, contract.form.reader, **contracts.reader_options(contract)):
            assert isinstance(record, Record)
    except UnreadableDelivery as refused:
        assert refused.expected


def _mutated(content: bytes, chance: random.Random, cuts: int) -> bytes:
    changed = bytearray(content)
    for _ in range(cuts):
        at = chance.randrange(len(changed) + 1)
        length = chance.choice((1, 2, 8, 200))
        way = chance.randrange(4)
        if way == 0:
            changed[at : at + length] = chance.randbytes(length)
        elif way == 1:
            del changed[at : at + length]
        elif way == 2:
            changed[at:at] = chance.choice(_INSERTED)
        else:
            changed[at:at] = changed[:length]
    return bytes(changed)


def _main() -> None:
    """Read one file, or all that is hostile in a folder; say what was said last and the peak of memory."""
    path, refused = Path(sys.argv[1]), ""
    makings = [(form, path / f"abc__{making.__name__}.bin") for form, making, _ in HOSTILE]
    for form, file in [("csv", path)] if path.is_file() else makings:
        try:
            read_guarded(file, form, **options_of(form))
        except UnreadableDelivery as error:
            refused = str(error)
            continue
        raise SystemExit(f"{file.name} was read")
    # Not getrusage: its peak begins with that of the process that started this one.
    [peak] = re.findall(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    print(json.dumps({"refused": refused, "peak_mib": round(int(peak) / 1024)}))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    _main()
