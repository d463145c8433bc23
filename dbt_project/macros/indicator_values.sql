{#- The contract that dashboards and exports rely on: these columns, in this order (names and types). -#}
{% macro indicator_value_types() -%}
    {{ return({
        'indicator_code': 'text',
        'period_code': 'text',
        'period_start': 'date',
        'period_end': 'date',
        'area_code': 'text',
        'counterpart_area_code': 'text',
        'sector_code': 'text',
        'funder_code': 'text',
        'sex_code': 'text',
        'concept_code': 'text',
        'value': 'numeric',
        'unit_code': 'text',
        'qualifier': 'text',
        'obs_status': 'text',
        'origin': 'text',
        'publisher_code': 'text',
        'published_on': 'date',
        'delivery_id': 'bigint',
        'is_current': 'boolean',
        'dataset_code': 'text',
        'record_locator': 'text',
        'record_literal': 'text',
        'figure_ids': 'text',
    }) }}
{%- endmacro %}

{% macro indicator_value_columns() -%}
    {{ return(indicator_value_types().keys() | list) }}
{%- endmacro %}

{#- First among the values of one quantity that are known (`is_known`), by the rule of choice; declared and computed apart. -#}
{% macro place_among_known() -%}
row_number() over (
    partition by
        figure.indicator_code,
        figure.period_code,
        {{ breakdowns('figure') | indent(4) }},
        figure.reading,
        figure.origin,
        figure.is_known
    order by {{ speaks_first() | indent(8) }}
)
{%- endmacro %}

{#-
    marts.indicator_values_as_of(day): the values known on that day, and which of them were then current. Dropped
    and created in the transaction that builds the fact, so that a changed column list cannot leave an old function.
    It names no database: it must still answer in a copy of the warehouse or in one restored under another name.
-#}
{% macro create_indicator_values_as_of(fact) -%}
drop function if exists {{ fact.schema }}.indicator_values_as_of(date);
create function {{ fact.schema }}.indicator_values_as_of(day date)
returns table (
    {%- for column, type in indicator_value_types().items() %}
    {{ column }} {{ type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
language sql stable
as $body$
select {{ indicator_value_columns() | join(', ') }}
from (
    select
        figure.*,
        {{ place_among_known() | indent(4) }} = 1 as is_current
    from (
        select
            *,
            true as is_known
        from {{ ref('indicator_value_versions').include(database=false) }} as version
        where {{ known_on('version', 'indicator_values_as_of.day') }}
    ) as figure
) as known_value
$body$;
comment on function {{ fact.schema }}.indicator_values_as_of(date)
is 'The values of every indicator as they were known on a day.';
{%- endmacro %}
