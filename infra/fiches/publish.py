"""Writes the catalogue into a folder: index.html, fiches/<code>.html, pdf/<code>.pdf and catalogue.pdf."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg

from infra.fiches import chart, reading
from infra.fiches.pages import Pages
from infra.fiches.printing import Press


def publish(reader_dsn: str, folder: Path, *, dbt_page: Path | None) -> int:
    """Read the marts and write every page and print; the number of sheets.

    `dbt_page`: dbt's own documentation in one file, put beside the index as `dbt.html`. The folder is
    replaced only once everything is written. Raises InfraError when the marts are not there.
    """
    with psycopg.connect(reader_dsn) as db:
        catalogue = reading.read(db)
    charts = {sheet.entry.code: chart.draw_all(sheet) for sheet in catalogue.sheets}
    pages, press = Pages(catalogue, with_dbt=dbt_page is not None), Press(catalogue, charts)

    under_way = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(under_way, ignore_errors=True)
    for name in ("fiches", "pdf"):
        (under_way / name).mkdir(parents=True)
    for sheet in catalogue.sheets:
        code = sheet.entry.code
        page = pages.sheet(sheet, charts[code])
        (under_way / "fiches" / f"{code}.html").write_text(page, encoding="utf-8")
        (under_way / "pdf" / f"{code}.pdf").write_bytes(press.one(code))
    (under_way / "catalogue.pdf").write_bytes(press.whole())
    (under_way / "index.html").write_text(pages.index(), encoding="utf-8")
    if dbt_page is not None:
        shutil.copyfile(dbt_page, under_way / "dbt.html")
    shutil.rmtree(folder, ignore_errors=True)
    under_way.rename(folder)
    return len(catalogue.sheets)
