{#-
    The series that could be projected (seed projected_series: remittances and the main stocks) and whether each may be:
    the newest unbroken run of annual, actual, positive values in service, of one concept and one publisher, since the
    last break that the catalogue names. Estimates, provisional values and the forecasts of others are no observations.
    The rule is in DECISIONLOG.md; a series that does not meet it says why.
-#}
{%- set fewest_years = 13 -%}
{%- set oldest_years = 3 -%}
with candidate as (
    select
        chosen.measure_code,
        value.indicator_code,
        value.period_code,
        {{ breakdowns('value') | indent(8) }},
        value.concept_code,
        value.publisher_code,
        value.origin,
        value.unit_code,
        value.value,
        value.obs_status,
        value.published_on,
        value.delivery_id
    from {{ ref('fct_indicator_values') }} as value
    inner join {{ ref('projected_series') }} as chosen
        on value.indicator_code = chosen.indicator_code and chosen.measure_code = '_T'
    where value.is_current
    union all
    select
        chosen.measure_code,
        series.indicator_code,
        series.period_code,
        {{ breakdowns('series') | indent(8) }},
        series.concept_code,
        series.publisher_code,
        'declared' as origin,
        series.unit_code,
        series.value,
        series.obs_status,
        series.published_on,
        series.delivery_id
    from {{ ref('fct_comparisons') }} as series
    inner join {{ ref('projected_series') }} as chosen
        on series.indicator_code = chosen.indicator_code and series.measure_code = chosen.measure_code
),

-- The newest publication speaks where two are in service; one row per year, null where the period is no year.
dated as (
    select distinct on (series_key, period_code) *
    from (
        select
            candidate.*,
            concat_ws(
                ' ', candidate.indicator_code, candidate.measure_code, candidate.area_code,
                candidate.counterpart_area_code, candidate.sector_code, candidate.funder_code, candidate.sex_code,
                candidate.concept_code, candidate.publisher_code, candidate.origin, candidate.unit_code
            ) as series_key,
            case
                when {{ is_year('candidate.period_code') }} then {{ period_year('candidate.period_code') | indent(16) }}
            end as year
        from candidate
    ) as keyed
    order by series_key asc, period_code asc, published_on desc, delivery_id desc
),

-- Breaks of the indicator's own series, as the catalogue dates them.
break as (
    select
        indicator.indicator_code,
        '_T' as measure_code,
        said.year
    from {{ ref('dim_indicator') }} as indicator
    cross join lateral jsonb_to_recordset(indicator.breaks) as said (year integer)
),

-- Years in a row share a stretch: the year minus its place. A break, like a missing year, begins another one.
observation as (
    select
        dated.series_key,
        dated.year,
        dated.value,
        dated.delivery_id,
        dated.published_on,
        dated.year - row_number() over (partition by dated.series_key order by dated.year) as stretch,
        (
            select count(*) from break
            where
                break.indicator_code = dated.indicator_code
                and break.measure_code = dated.measure_code
                and break.year <= dated.year
        ) as breaks_before
    from dated
    where dated.year is not null and dated.obs_status = 'A' and dated.value > 0
),

run as (
    select distinct on (series_key)
        series_key,
        count(*) as number_of_years,
        min(year) as first_year,
        max(year) as last_year,
        jsonb_agg(value order by year) as observations,
        md5(string_agg(concat(year, '=', trim_scale(value)), ' ' order by year)) as fingerprint,
        max(published_on) as newest_published_on,
        max(delivery_id) as newest_delivery_id,
        jsonb_agg(distinct delivery_id) as delivery_ids
    from observation
    group by series_key, stretch, breaks_before
    order by series_key asc, max(year) desc
),

series as (
    select distinct on (series_key)
        series_key,
        indicator_code,
        measure_code,
        {{ breakdowns() | indent(8) }},
        concept_code,
        publisher_code,
        origin,
        unit_code,
        max(year) over (partition by series_key) as newest_year
    from dated
    order by series_key
),

judged as (
    select
        series.*,
        coalesce(run.number_of_years, 0) as number_of_years,
        run.first_year,
        run.last_year,
        run.observations,
        run.fingerprint,
        run.newest_published_on,
        run.newest_delivery_id,
        run.delivery_ids,
        case
            when run.series_key is null then 'Aucune observation annuelle réalisée et positive.'
            when run.number_of_years < {{ fewest_years }}
                then concat(
                    run.number_of_years,
                    case run.number_of_years when 1 then ' seule année observée' else ' années observées de suite' end,
                    ' ; il en faut {{ fewest_years }}.'
                )
            when run.last_year < extract(year from run.newest_published_on) - {{ oldest_years }}
                then concat('La dernière année observée (', run.last_year, ') est trop ancienne.')
        end as reason_fr
    from series
    left join run on series.series_key = run.series_key
)

select
    *,
    reason_fr is null as is_eligible
from judged
