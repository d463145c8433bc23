"""Deliveries of returned migrants of any size, written straight into staging and its ledger: SYNTHETIC rows.

One delivery a month; every row says SYNTHÉTIQUE in its locator and its document. Each delivery but the first
also corrects one row in two hundred of the month before: what it replaces is ended, as the loader ends it.
"""

from __future__ import annotations

import datetime
import hashlib

from ingestion import contracts, staging
from ingestion.db import Connection

DATASET = "ofii.returned_migrants"
FIRST_YEAR = 2010
CORRECTED_EVERY = 200
COUNTRIES = ["CIV", "DZA", "LBY", "MRT", "NER", "FRA", "ESP", "ITA", "SEN", "GAB", "MAR", "TUN"]
REGIONS = ["ML-1", "ML-2", "ML-3", "ML-4", "ML-5", "ML-6", "ML-7", "ML-8", "ML-BKO"]
CERCLES = ["ML_C_KITA", None, None, "ML_C_KAYES"]


def write(rows: int, months: int, db: Connection) -> None:
    """Write `months` accepted deliveries of `rows` rows altogether into an empty table."""
    contract = contracts.load(DATASET)
    with db.transaction():
        staging.clear_for_bulk(contract, db)
        for month in range(months):
            _deliver(month, rows // months, db, is_last=month == months - 1)
        staging.index(contract, db)
    db.execute(f"vacuum analyze staging.{contract.table}")


def add_month(month: int, rows: int, db: Connection) -> None:
    """Write the accepted delivery of one more month."""
    contract = contracts.load(DATASET)
    with db.transaction():
        delivery = _deliver(month, rows, db, is_last=True)
        db.execute(
            f"""update staging.{contract.table}
                   set ended_by_delivery_id = %s, end_reason = 'replaced'
                 where delivery_id = %s and record_literal = 'à corriger'""",  # noqa: S608
            [delivery, delivery - 1],
        )


def _deliver(month: int, rows: int, db: Connection, *, is_last: bool) -> int:
    """Write one delivery; unless it is the last one, the next corrects some of its rows. Its number."""
    contract = contracts.load(DATASET)
    first_day = datetime.date(FIRST_YEAR + month // 12, month % 12 + 1, 1)
    edition = f"{first_day:%Y-%m}"
    row = db.execute(
        """insert into meta.deliveries
                  (dataset_code, edition, sha256, byte_size, file_name, address, archive_path,
                   published_on, published_on_origin, contract_version, status, records_read, rows_staged,
                   rows_unchanged, rows_rejected, loaded_at, judged_at)
           values (%(dataset)s, %(edition)s, %(sha256)s, 0, %(file)s, %(address)s, '',
                   %(published)s, 'contract', %(version)s, 'accepted', %(rows)s, %(rows)s,
                   0, 0, clock_timestamp(), clock_timestamp())
           returning delivery_id""",
        {
            "dataset": DATASET,
            "edition": edition,
            "sha256": hashlib.sha256(edition.encode()).hexdigest(),
            "file": f"SYNTHÉTIQUE_{edition}.xlsx",
            "address": f"bench:{edition}",
            "published": first_day + datetime.timedelta(days=40),
            "version": contract.version,
            "rows": rows,
        },
    ).fetchone()
    assert row is not None
    delivery = int(row[0])
    db.execute(
        f"""insert into staging.{contract.table}
                   (delivery_id, ended_by_delivery_id, end_reason, record_kind, record_locator,
                    record_literal, name, document_number, sex_code, birth_year, counterpart_area_code,
                    region_code, cercle_code, is_assisted, has_project, returned_on)
            select %(delivery)s,
                   case when is_corrected and not %(is_last)s then %(delivery)s + 1 end,
                   case when is_corrected and not %(is_last)s then 'replaced' end,
                   'data', 'SYNTHÉTIQUE!A' || number,
                   case when is_corrected then 'à corriger' end, 'SYNTHÉTIQUE',
                   concat('SYNTHÉTIQUE-', %(month)s - corrects::integer, '-', person),
                   (array['F', 'M'])[1 + person %% 2],
                   1960 + person %% 50,
                   (%(countries)s::text[])[1 + person / 3 %% cardinality(%(countries)s::text[])],
                   (%(regions)s::text[])[1 + person / 7 %% cardinality(%(regions)s::text[])],
                   (%(cercles)s::text[])[1 + person / 11 %% cardinality(%(cercles)s::text[])],
                   person %% 3 = 0, person %% 5 = 0,
                   (case when corrects then %(first_day)s - interval '1 month' else %(first_day)s end)::date
                   + person %% 28
              from (
                  select number, corrects,
                         case when corrects then number * %(every)s else number end as person,
                         not corrects and number %% %(every)s = 0 as is_corrected
                    from (select number, %(month)s > 0 and number <= %(rows)s / %(every)s as corrects
                            from generate_series(1, %(rows)s) as number) as numbered
              ) as written""",  # noqa: S608
        {
            "delivery": delivery, "is_last": is_last, "month": month, "rows": rows, "first_day": first_day,
            "every": CORRECTED_EVERY, "countries": COUNTRIES, "regions": REGIONS, "cercles": CERCLES,
        },
    )  # fmt: skip
    return delivery
