{#-
    The vocabulary of an indicator's SQL file. Each macro is one select with the same columns, so that an indicator
    may be the union of several: what is declared and what the warehouse computes stand side by side.
-#}

{#-
    The figures that institutions publish for a measure, every vintage, in the measure's own unit; and the sums of them that
    nobody prints (int_ministry__sums), which are the warehouse's.
-#}
{% macro declared(measure) -%}
{{ _declared_where("figure.measure_code = '" ~ measure ~ "' and figure.is_in_measure_unit") }}
{%- endmacro %}

{#- An indicator of the catalogue for which nothing is published yet: it exists, without a value. -#}
{% macro no_value() -%}
{{ _declared_where('false') }}
{%- endmacro %}

{#-
    `times` × numerator / denominator, for every stretch of time in which both were in force. A missing or zero
    denominator gives no row: there is no such ratio. The concept is the numerator's.
-#}
{% macro ratio(numerator, denominator, unit, times=1) -%}
{{ _computed_columns("numerator.value * " ~ times ~ " / denominator.value", unit) }}
from {{ ref('int_reference_figures') }} as numerator
inner join {{ ref('int_reference_figures') }} as denominator
    on
        numerator.period_code = denominator.period_code
        and denominator.concept_code in (numerator.concept_code, '_T')
        and {{ _comparable() }}
where numerator.measure_code = '{{ numerator }}' and denominator.measure_code = '{{ denominator }}'
{%- endmacro %}

{#- A measure in another unit, at a fixed rate: `times` of the new unit for one of the old. -#}
{% macro converted(measure, unit, times) -%}
select
    figure.period_code,
    figure.period_start,
    figure.period_end,
    {{ breakdowns('figure') }},
    figure.concept_code,
    trim_scale(figure.value * {{ times }}) as value,
    '{{ unit }}' as unit_code,
    figure.qualifier,
    figure.obs_status,
    'computed' as origin,
    'ponam' as publisher_code,
    figure.in_force_from as published_on,
    figure.in_force_to as valid_to,
    figure.delivery_id,
    figure.dataset_code,
    concat(figure.dataset_code, ' ', figure.record_locator) as record_locator,
    concat(figure.record_literal, ' × {{ times }}') as record_literal,
    figure.figure_ids
from {{ ref('int_reference_figures') }} as figure
where figure.measure_code = '{{ measure }}'
{%- endmacro %}

{#- Growth over the year before, in per cent: both years of the same concept and in force together. -#}
{% macro annual_growth(measure) -%}
{{ _computed_columns("(numerator.value / denominator.value - 1) * 100", "PCT") }}
from {{ ref('int_reference_figures') }} as numerator
inner join {{ ref('int_reference_figures') }} as denominator
    on
        numerator.measure_code = denominator.measure_code
        and numerator.concept_code = denominator.concept_code
        and numerator.period_start = denominator.period_start + interval '1 year'
        and numerator.period_end = denominator.period_end + interval '1 year'
        and {{ _comparable() }}
where numerator.measure_code = '{{ measure }}'
{%- endmacro %}

{#- The same area and breakdown, in force at the same time, and something to divide by. -#}
{% macro _comparable() -%}
{{ same_breakdowns('numerator', 'denominator') | indent(4) }}
        and denominator.value != 0
        and greatest(numerator.in_force_from, denominator.in_force_from)
        < least(coalesce(numerator.in_force_to, 'infinity'), coalesce(denominator.in_force_to, 'infinity'))
{%- endmacro %}

{% macro _declared_where(condition) -%}
select
    figure.period_code,
    figure.period_start,
    figure.period_end,
    {{ breakdowns('figure') }},
    figure.concept_code,
    figure.value,
    figure.unit_code,
    figure.qualifier,
    figure.obs_status,
    case when figure.publisher_code = 'ponam' then 'computed' else 'declared' end as origin,
    figure.publisher_code,
    figure.published_on,
    figure.valid_to,
    figure.delivery_id,
    figure.dataset_code,
    figure.record_locator,
    figure.record_literal,
    figure.figure_ids
from {{ ref('int_figures') }} as figure
where {{ condition }} and figure.is_part is not true
{%- endmacro %}

{#- Delivery: the newest operand's. Evidence: both operands, in order. -#}
{% macro _computed_columns(value, unit) -%}
select
    numerator.period_code,
    numerator.period_start,
    numerator.period_end,
    {{ breakdowns('numerator') }},
    numerator.concept_code,
    trim_scale({{ value }}) as value,
    '{{ unit }}' as unit_code,
    case
        when denominator.qualifier = '=' then numerator.qualifier
        when numerator.qualifier in ('=', '>') and denominator.qualifier = '<' then '>'
        when numerator.qualifier in ('=', '<') and denominator.qualifier = '>' then '<'
        else '≈'
    end as qualifier,
    {{ least_certain('array[numerator.obs_status, denominator.obs_status]') }} as obs_status,
    'computed' as origin,
    'ponam' as publisher_code,
    greatest(numerator.in_force_from, denominator.in_force_from) as published_on,
    least(numerator.in_force_to, denominator.in_force_to) as valid_to,
    case
        when denominator.in_force_from > numerator.in_force_from then denominator.delivery_id
        else numerator.delivery_id
    end as delivery_id,
    case
        when denominator.in_force_from > numerator.in_force_from then denominator.dataset_code
        else numerator.dataset_code
    end as dataset_code,
    concat(
        numerator.dataset_code, ' ', numerator.record_locator,
        ' ÷ ', denominator.dataset_code, ' ', denominator.record_locator
    ) as record_locator,
    concat(numerator.record_literal, ' ÷ ', denominator.record_literal) as record_literal,
    concat_ws(' ', numerator.figure_ids, denominator.figure_ids) as figure_ids
{%- endmacro %}
