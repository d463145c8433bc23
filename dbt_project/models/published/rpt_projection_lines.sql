{#-
    The lines of a chart that continues what was observed by what is projected: each line is named, and a projection
    never bears the name of an observation. For the eye only: nothing adds these rows up.
-#}
with observed as (
    select
        series.series_key,
        concat(
            'Observé (', publisher.name_fr, ', ', {{ french_published('series.newest_published_on') }}, ')'
        ) as line_fr,
        'A' as obs_status,
        series.first_year + observation.place::integer - 1 as year,
        observation.value::numeric as value
    from {{ ref('projection_series') }} as series
    inner join {{ ref('dim_publisher') }} as publisher on series.publisher_code = publisher.publisher_code
    cross join
        lateral jsonb_array_elements_text(series.observations) with ordinality as observation (value, place)
),

projected as (
    select
        projection.series_key,
        line.line_fr,
        'F' as obs_status,
        extract(year from projection.period_start)::integer as year,
        line.value
    from {{ ref('rpt_projections') }} as projection
    cross join
        lateral (
            values
            ('Projection', projection.value),
            ('Projection, bas de l’intervalle à 80 %', projection.lower_80),
            ('Projection, haut de l’intervalle à 80 %', projection.upper_80),
            ('Projection, bas de l’intervalle à 95 %', projection.lower_95),
            ('Projection, haut de l’intervalle à 95 %', projection.upper_95)
        ) as line (line_fr, value)
    where projection.horizon > 0
),

drawn as (
    select * from observed
    union all
    select * from projected
)

select
    drawn.series_key,
    series.indicator_code,
    indicator.name_fr as indicator_name_fr,
    axis.axis_name_fr,
    series.measure_code,
    drawn.year,
    drawn.line_fr,
    drawn.obs_status,
    drawn.value,
    unit.name_fr as unit_name_fr,
    publisher.name_fr as publisher_name_fr,
    make_date(drawn.year, 1, 1) as period_start
from drawn
inner join {{ ref('projection_series') }} as series on drawn.series_key = series.series_key
inner join {{ ref('projection_verdicts') }} as verdict on drawn.series_key = verdict.series_key and verdict.is_published
inner join {{ ref('dim_indicator') }} as indicator on series.indicator_code = indicator.indicator_code
inner join {{ ref('indicator_axes') }} as axis on series.indicator_code = axis.indicator_code
inner join {{ ref('dim_publisher') }} as publisher on series.publisher_code = publisher.publisher_code
inner join {{ ref('dim_unit') }} as unit on series.unit_code = unit.unit_code
