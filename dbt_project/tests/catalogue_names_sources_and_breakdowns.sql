-- A dataset that an indicator is read from, or a breakdown that it has values of, without its entry saying so.
select distinct
    evidence.indicator_code,
    'sources' as key,
    evidence.operand_dataset_code as unsaid
from {{ ref('rpt_evidence') }} as evidence
inner join {{ ref('dim_indicator') }} as indicator on evidence.indicator_code = indicator.indicator_code
where
    not indicator.sources ? evidence.operand_dataset_code
    and not indicator.sources ? 'warehouse'
{%- for column, total in totals().items() %}
union all
select distinct
    value.indicator_code,
    'breakdowns' as key,
    '{{ column }}' as unsaid
from {{ ref('fct_indicator_values') }} as value
inner join {{ ref('dim_indicator') }} as indicator on value.indicator_code = indicator.indicator_code
where value.{{ column }} != '{{ total }}' and not indicator.breakdowns ? '{{ column }}'
{%- endfor %}
