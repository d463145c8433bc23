"""Real publications of the bank, where they lie beside the clone, all the way into the warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import contracts, fetch, load
from ingestion.db import Connection

REAL = Path(__file__).parents[3] / "shared" / "real"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real publications are not beside this clone")


@needs_real
def test_a_whole_real_export_of_eden_loads_and_its_count_closes(db: Connection) -> None:
    reception = fetch.receive_file(contracts.load("bceao.eden"), REAL / "IPC_MENSUEL.xls", db)
    report = load.load(reception.delivery_id, db)
    assert (report.status, report.records_read, report.rows_rejected) == ("loaded", 9 * 13 * 780, 0)
    assert report.rows_staged == report.records_read
    assert db.execute("select count(distinct area_code) from staging.bceao__eden").fetchone() == (9,)
    [mali] = db.execute(
        """select value, record_literal from staging.bceao__eden
            where series_code = 'DDDSR3017M0BP' and period_code = '2024-03'"""
    ).fetchall()
    assert mali[1].replace(",", ".") == str(mali[0])


@needs_real
def test_the_real_tables_of_the_bulletin_load_without_a_rejection(db: Connection) -> None:
    transcript = REAL / "bulletin_2026T1_tableaux_8.2_9.3_10.3.5.txt"
    reception = fetch.receive_file(contracts.load("bceao.bulletin"), transcript, db)
    report = load.load(reception.delivery_id, db)
    assert (report.status, report.rows_rejected) == ("loaded", 0)
    assert report.rows_staged == 10 * 9 + 44 * 5  # years × areas, lines × years
