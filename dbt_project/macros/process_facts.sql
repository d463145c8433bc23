{#-
    One row per period × area × the breakdowns named in `by` × concept, one column per measure: the figures in force
    now, totals of every other breakdown. `measures` maps a column (which names its unit) to a measure code.
-#}
{% macro process_fact(measures, by=[]) -%}
select
    period_code,
    period_start,
    period_end,
    area_code,
    {%- for column in by %}
    {{ column }},
    {%- endfor %}
    concept_code,
    {%- for column, measure in measures.items() %}
    max(value) filter (where measure_code = '{{ measure }}') as {{ column }},
    {%- endfor %}
    {{ least_certain('array_agg(obs_status)') }} as obs_status,
    max(in_force_from) as in_force_from
from {{ ref('int_reference_figures') }}
where
    in_force_to is null
    and measure_code in ('{{ measures.values() | join("', '") }}')
    and {{ is_total(but_for=['area_code'] + by) }}
group by period_code, period_start, period_end, area_code,
    {%- for column in by %} {{ column }},{% endfor %} concept_code
{%- endmacro %}
