{#-
    Every value of every indicator that was ever in service, with its dates and the ranks of the rule of choice:
    what fct_indicator_values and indicator_values_as_of are read from. Adding an indicator's two files adds it here.
-#}
with figure as (
    {%- for indicator_model in indicator_models() %}
    select
        '{{ indicator_code(indicator_model) }}' as indicator_code,
        *
    from {{ ref(indicator_model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    figure.*,
    {{ precedence_columns() }}
from figure
{{ join_precedence() }}
