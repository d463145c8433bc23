-- What the function says of today is what the fact calls current (publications dated in the future aside).
{%- set columns = indicator_value_columns() | join(', ') %}
with in_fact as (
    select {{ columns }}
    from {{ ref('fct_indicator_values') }}
    where is_current and published_on <= {{ today() }}
),

as_of_today as (
    select {{ columns }}
    from {{ ref('fct_indicator_values').schema }}.indicator_values_as_of({{ today() }})
    where is_current
)

(
    select {{ columns }} from in_fact
    except
    select {{ columns }} from as_of_today
)
union all
(
    select {{ columns }} from as_of_today
    except
    select {{ columns }} from in_fact
)
