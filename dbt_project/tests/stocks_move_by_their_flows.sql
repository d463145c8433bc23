-- experts (466) + new experts (91) = experts (557), and the same of structures; between the two days of a flow's period.
{% set stock_flows = {'tokten_experts': 'tokten_new_experts', 'tokten_structures': 'tokten_new_structures'} %}
{% for stock, flow in stock_flows.items() %}
select
    '{{ stock }}' as measure_code,
    flow.period_code,
    opening.value as opening_stock,
    flow.value as flow,
    closing.value as closing_stock,
    opening.record_locator || ' + ' || flow.record_locator || ' = ' || closing.record_locator as evidence
from {{ ref('int_reference_figures') }} as flow
inner join {{ ref('int_reference_figures') }} as opening
    on
        opening.measure_code = '{{ stock }}'
        and {{ same_breakdowns('flow', 'opening') | indent(8) }}
        and flow.period_start - 1 = opening.period_end
        and opening.in_force_to is null
inner join {{ ref('int_reference_figures') }} as closing
    on
        closing.measure_code = '{{ stock }}'
        and {{ same_breakdowns('flow', 'closing') | indent(8) }}
        and flow.period_end = closing.period_end
        and closing.in_force_to is null
where
    flow.measure_code = '{{ flow }}'
    and flow.in_force_to is null
    and opening.value + flow.value != closing.value
{{ 'union all' if not loop.last }}
{% endfor %}
