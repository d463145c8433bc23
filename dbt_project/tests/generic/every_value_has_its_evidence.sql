{#-
    Every value of the fact is led back to figures with a file, a place and a literal, each of its operands: none stands on its
    own word. Only what the warehouse says of itself has no figure, but the delivery after which it said so.
-#}
{% test every_value_has_its_evidence(model) %}
select
    value.indicator_code,
    value.period_code,
    value.origin,
    value.delivery_id,
    value.record_locator
from {{ ref('fct_indicator_values') }} as value
inner join {{ ref('dim_indicator') }} as indicator on value.indicator_code = indicator.indicator_code
left join {{ model }} as evidence
    on
        value.indicator_code = evidence.indicator_code
        and value.period_code = evidence.period_code
        and {{ same_breakdowns('value', 'evidence') | indent(8) }}
        and value.concept_code = evidence.concept_code
        and value.origin = evidence.origin
        and value.publisher_code = evidence.publisher_code
        and value.published_on = evidence.published_on
where
    evidence.indicator_code is null
    or evidence.operand_literal is null
    or evidence.operand_locator is null
    or evidence.sha256 is null
    or (evidence.figure_id is null and not indicator.sources ? 'warehouse')
{% endtest %}
