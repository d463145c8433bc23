{#-
    The indicator that each measure speaks of, one row per measure: the one that declares it, else the one beside which
    it stands as a comparison, else the first that is computed from it. Without any, the measure stands for itself.
-#}
with link as (
    select distinct
        operand_measure_code as measure_code,
        indicator_code,
        case origin when 'declared' then 1 else 3 end as rank
    from {{ ref('rpt_evidence') }}
    where operand_measure_code is not null
    union all
    select
        measure_code,
        indicator_code,
        2 as rank
    from {{ ref('comparison_series') }}
),

closest as (
    select distinct on (measure_code)
        measure_code,
        indicator_code
    from link
    order by measure_code asc, rank asc, indicator_code asc
)

select
    measure.code as measure_code,
    measure.label_fr as name_fr,
    closest.indicator_code,
    axis.axis_code,
    coalesce(axis.axis_name_fr, 'Hors catalogue') as axis_name_fr
from {{ ref('measures') }} as measure
left join closest on measure.code = closest.measure_code
left join {{ ref('indicator_axes') }} as axis on closest.indicator_code = axis.indicator_code
