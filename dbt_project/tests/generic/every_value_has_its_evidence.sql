{#- Every value of the fact is led back to figures with a file, a place and a literal. -#}
{% test every_value_has_its_evidence(model) %}
select
    value.indicator_code,
    value.period_code,
    value.origin,
    value.delivery_id,
    value.record_locator
from {{ ref('fct_indicator_values') }} as value
left join {{ model }} as evidence
    on
        value.indicator_code = evidence.indicator_code
        and value.period_code = evidence.period_code
        and {{ same_breakdowns('value', 'evidence') | indent(8) }}
        and value.concept_code = evidence.concept_code
        and value.origin = evidence.origin
        and value.publisher_code = evidence.publisher_code
        and value.published_on = evidence.published_on
        and evidence.operand_literal is not null
        and evidence.operand_locator is not null
        and evidence.sha256 is not null
where evidence.indicator_code is null
{% endtest %}
