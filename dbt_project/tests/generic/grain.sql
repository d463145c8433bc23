{#- One row per combination of `columns`, none of them null: the failing combinations are listed. -#}
{% test grain(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as number_of_rows
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or num_nulls({{ columns | join(', ') }}) > 0
{% endtest %}
