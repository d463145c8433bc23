"""Fills the sheets: entries from the YAML files of the catalogue, the rest from the marts, as ponam_reader.

The columns of a query are the fields of the class that its rows become.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol, TypeVar

from psycopg import Connection
from psycopg.errors import UndefinedColumn, UndefinedTable
from psycopg.rows import class_row

from dbt_project import catalogue
from infra.errors import InfraError
from infra.fiches.content import (
    Axis,
    Catalogue,
    Check,
    Comparison,
    Evidence,
    Identity,
    Progress,
    Projection,
    Revision,
    Sheet,
    Value,
)
from ingestion import contracts


class _OfIndicator(Protocol):
    @property
    def indicator_code(self) -> str: ...


Row = TypeVar("Row")
Line = TypeVar("Line", bound=_OfIndicator)


def read(db: Connection[Any]) -> Catalogue:
    """Read the catalogue of the project and what the marts know of it.

    Raises InfraError when the marts are not built, or were built by an older project.
    """
    try:
        return _catalogue(db)
    except (UndefinedTable, UndefinedColumn) as error:
        raise InfraError(
            f"The marts lack what the sheets read ({error.diag.message_primary}): build them first, with "
            "`make pipeline` or `make dbt ARGS=build`."
        ) from None


def _catalogue(db: Connection[Any]) -> Catalogue:
    units = dict(db.execute("select unit_code, name_fr from marts.dim_unit").fetchall())
    publishers = dict(db.execute("select publisher_code, name_fr from marts.dim_publisher").fetchall())
    axes = {axis.code: axis for axis in _rows(db, Axis, _AXES)}
    values, evidence = _lines(db, Value, _VALUES), _lines(db, Evidence, _EVIDENCE)
    progress, comparisons = _lines(db, Progress, _PROGRESS), _lines(db, Comparison, _COMPARISONS)
    identities, revisions = _lines(db, Identity, _IDENTITIES), _lines(db, Revision, _REVISIONS)
    checks, projections = _lines(db, Check, _CHECKS), _lines(db, Projection, _PROJECTIONS)
    sheets = [
        Sheet(
            entry=entry,
            axis=next(axes[link.code] for link in entry.axes if link.code in axes),
            unit_fr=units[entry.unit_code],
            sources_fr=tuple(_source_fr(code, publishers) for code in entry.sources),
            values=values(entry.code),
            evidence=evidence(entry.code),
            progress=progress(entry.code),
            comparisons=comparisons(entry.code),
            identities=identities(entry.code),
            revisions=revisions(entry.code),
            checks=checks(entry.code),
            projections=projections(entry.code),
        )
        for entry in (indicator.entry for indicator in catalogue.indicators())
    ]
    return Catalogue(_newest_verdict(db), tuple(sheets))


def _newest_verdict(db: Connection[Any]) -> date:
    row = db.execute(
        "select max(judged_at at time zone 'UTC')::date from meta.deliveries where status = 'accepted'"
    ).fetchone()
    if row is None or row[0] is None:
        raise InfraError("No delivery was accepted yet, so there is nothing to print: run `make pipeline`.")
    newest: date = row[0]
    return newest


def _rows(db: Connection[Any], kind: type[Row], query: str) -> list[Row]:
    with db.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query.encode()).fetchall()


def _lines(db: Connection[Any], kind: type[Line], query: str) -> Callable[[str], tuple[Line, ...]]:
    """Read the lines of every indicator at once; the answer gives those of one."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in _rows(db, kind, query):
        found[line.indicator_code].append(line)
    return lambda code: tuple(found[code])


def _source_fr(code: str, publishers: dict[str, str]) -> str:
    if code == catalogue.OWN_SOURCE:
        return "L’entrepôt lui-même"
    contract = contracts.load(code)
    publisher = publishers[contract.publisher]
    named = contract.title_fr.startswith(publisher)
    return contract.title_fr if named else f"{publisher}, {contract.title_fr}"


_AXES = f"""
select axis_code as code, number, name_fr
  from marts.dim_axis
 where division = '{catalogue.FOUNDING_DIVISION}'
"""  # noqa: S608 - the project's own constant

_VALUES = """
select value.indicator_code, value.period_code, value.period_name_fr, value.period_start, value.period_end,
       value.concept_code, value.concept_name_fr,
       case when value.area_code != 'MLI' then value.area_name_fr end as area_name_fr,
       case when value.counterpart_area_code != '_T' then value.counterpart_area_name_fr
       end as counterpart_area_name_fr,
       case when value.sector_code != '_T' then value.sector_name_fr end as sector_name_fr,
       case when value.funder_code != '_T' then value.funder_name_fr end as funder_name_fr,
       case when value.sex_code != '_T' then sex.name_fr end as sex_name_fr,
       value.value,
       case when conflict.value = value.value then conflict.value_fr else value.value_fr end as value_fr,
       value.obs_status, value.obs_status_name_fr, value.origin, value.origin_name_fr,
       case value.origin when 'declared' then value.said_by_fr else value.publisher_name_fr end as said_by_fr,
       value.dated_fr, value.source_fr, value.is_current, conflict.why_fr,
       headline.indicator_code is not null as is_headline, headline.recomputed_value_fr,
       headline.verdict_fr as recomputation_fr
  from marts.rpt_indicator_values as value
  join marts.dim_concept as concept using (concept_code)
  join marts.dim_publisher as publisher using (publisher_code)
  join marts.dim_sex as sex using (sex_code)
  left join marts.rpt_key_figures as headline
         on value.is_current and (headline.indicator_code, headline.period_code, headline.area_code,
            headline.counterpart_area_code, headline.sector_code, headline.funder_code, headline.sex_code,
            headline.concept_code, headline.origin)
            = (value.indicator_code, value.period_code, value.area_code,
            value.counterpart_area_code, value.sector_code, value.funder_code, value.sex_code,
            value.concept_code, value.origin)
  left join marts.rpt_conflicts as conflict
         on value.origin = 'declared' and conflict.figure_id = value.figure_ids
 order by value.indicator_code, value.period_end desc, value.period_start desc, value.is_current desc,
          concept.rank, value.origin desc, value.published_on desc, publisher.rank, value.delivery_id,
          value.counterpart_area_code, value.sector_code, value.funder_code, value.area_code, value.sex_code
"""

# Of the whole in every period, of the parts in the latest one: the rest is in marts.rpt_value_evidence.
_EVIDENCE = """
with latest as (
    select indicator_code, max(period_end) as period_end
      from marts.rpt_indicator_values where is_current group by indicator_code
),
reading as (
    select distinct evidence.indicator_code, evidence.operand_period_code as period_code,
           evidence.breakdown_fr as part_fr, evidence.operand_locator as locator,
           evidence.operand_literal as literal, evidence.delivery_id, evidence.file_name, evidence.sha256,
           evidence.address
      from marts.rpt_value_evidence as evidence
      join marts.dim_period as period using (period_code)
      join latest using (indicator_code)
     where evidence.is_current and (evidence.breakdown_fr = '' or period.period_end = latest.period_end)
)
select indicator_code, period.name_fr as period_name_fr, part_fr, locator, literal, delivery_id,
       reading.file_name, reading.sha256, reading.address, delivery.source_fr, delivery.edition
  from reading
  join marts.dim_period as period using (period_code)
  join marts.rpt_deliveries as delivery using (delivery_id)
 order by indicator_code, delivery.published_on desc, delivery_id, part_fr, period_code desc, locator
"""

_PROGRESS = """
select indicator_code, base_year, target_value, target_value_fr, target_year, target_source_fr, pace_fr,
       status_name_fr, light, projected_year, reason_fr
  from marts.rpt_progress
 order by indicator_code, target_year, target_value
"""

_COMPARISONS = """
select indicator_code, period_name_fr, comparison_fr, declared_value_fr, computed_value_fr, verdict_fr
  from marts.rpt_declared_computed
 order by indicator_code, period_code desc, comparison_fr, declared_value, computed_value
"""

# Of every indicator that reads a figure of it, where marts.rpt_identity_checks names one.
_IDENTITIES = """
with reads as (
    select distinct evidence.indicator_code, identity.identity_code
      from marts.fct_identity_checks as identity
     cross join lateral jsonb_to_recordset(identity.operands)
           as operand (delivery_id bigint, record_locator text)
      join marts.rpt_evidence as evidence
        on evidence.delivery_id = operand.delivery_id and evidence.operand_locator = operand.record_locator
)
select reads.indicator_code, identity.title_fr, identity.left_value_fr, identity.relation_fr,
       identity.right_value_fr, identity.verdict_fr, identity.fails
  from reads
  join marts.rpt_identity_checks as identity using (identity_code)
 order by reads.indicator_code, identity_code
"""

_REVISIONS = """
select measured.indicator_code, report.period_name_fr,
       concat(report.measure_name_fr, case
           when min(series_key) over measured != max(series_key) over measured
           then ' (' || series_key || ')'
       end) as series_fr, report.kind_fr,
       coalesce(report.old_value_fr, '—') as old_value_fr, coalesce(report.new_value_fr, '—') as new_value_fr,
       coalesce(report.unit_name_fr, '') as unit_fr, revision.old_edition, revision.new_edition,
       report.published_on_fr
  from marts.revisions as revision
  join marts.rpt_revisions as report using (dataset_code, series_key, period_code, old_delivery_id)
  join (select distinct indicator_code, operand_measure_code, operand_dataset_code from marts.rpt_evidence)
       as measured
    on measured.operand_measure_code = revision.measure_code
   and measured.operand_dataset_code = dataset_code
window measured as (partition by measured.indicator_code, revision.measure_code)
 order by measured.indicator_code, revision.published_on desc, series_key, period_code
"""

# Of the last run, whose results bear the time of its end: what it left out or skipped is not said.
_CHECKS = """
select indicator_code, expected, coalesce(observed, '') as observed, passed
  from marts.dim_indicator
  join meta.check_results
    on checker = 'dbt' and split_part(subject, '.', 1) = lower(replace(indicator_code, '-', '_'))
   -- A unit test, which begins with the model's name, is the developer's and reads no value.
   and not starts_with(check_name, split_part(subject, '.', 1))
 where checked_at = (select finished_at from meta.transform_runs order by transform_run_id desc limit 1)
 order by indicator_code, check_name
"""

_PROJECTIONS = """
select report.indicator_code, report.series_key, report.series_name_fr,
       case when report.measure_code = '_T' and report.concept_code != '_T' then report.concept_name_fr
       end as concept_name_fr,
       report.counterpart_area_name_fr, report.observed_by_name_fr, report.unit_name_fr as unit_fr,
       report.is_published, report.period_code, report.value, report.lower_80, report.upper_80,
       report.lower_95, report.upper_95, report.value_fr, report.interval_80_fr, report.interval_95_fr,
       report.observed_from,
       case when report.is_published
            then array(select jsonb_array_elements_text(series.observations)::double precision) else '{}'
       end as observations,
       report.verdict_fr, report.backtest_fr
  from marts.rpt_projections as report
  join marts.projection_series as series using (series_key)
 order by report.indicator_code, report.is_eligible desc, report.series_key, report.horizon
"""
