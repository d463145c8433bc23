{#- The values of an indicator lie within plausible bounds; the rows that fail say which figures are concerned. -#}
{% test values_between(model, minimum=none, maximum=none) %}
{{ config(severity='warn', meta={'who_fixes': 'statistics team'}) }}
{%- set outside = ['value is null'] -%}
{%- do outside.append('value < ' ~ minimum) if minimum is not none -%}
{%- do outside.append('value > ' ~ maximum) if maximum is not none -%}
select
    period_code,
    {{ breakdowns() }},
    concept_code,
    origin,
    publisher_code,
    value,
    record_locator,
    record_literal
from {{ model }}
where {{ outside | join(' or ') }}
{% endtest %}
