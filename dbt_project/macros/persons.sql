{#-
    Rows of persons counted in cells, delivery by delivery: what each delivery added to a cell, less what it ended there.
    Over all deliveries of a dataset the sum is the number of rows in service. Only deliveries that are new, and those
    published after them, are read: the others' counts stand. `cells` maps a column to its expression on `record`.
-#}
{% macro person_counts(relation, dataset_code, cells) -%}
{%- set to_count = _deliveries_to_count(dataset_code) if is_incremental() else none -%}
with delivery as (
    select
        delivery_id,
        judged_at
    from {{ source('meta', 'deliveries') }}
    where
        dataset_code = '{{ dataset_code }}' and status = 'accepted'
        {%- if to_count is not none %} and delivery_id = any('{{ '{' ~ to_count | join(',') ~ '}' }}'::bigint[]){% endif %}
),

change as (
    {%- for delivery_column, change in {'delivery_id': 1, 'ended_by_delivery_id': -1}.items() %}
    select
        record.{{ delivery_column }} as delivery_id,
        {%- for column, expression in cells.items() %}
        {{ expression }} as {{ column }},
        {%- endfor %}
        {{ change }} * count(*) as persons
    from {{ relation }} as record
    {%- if to_count is none %}
    inner join delivery on record.{{ delivery_column }} = delivery.delivery_id
    {%- endif %}
    where
        record.record_kind = 'data'
        {#- Written out, so that the table's own summaries of blocks find the rows. #}
        {%- if to_count is not none %}
        and record.{{ delivery_column }} = any('{{ '{' ~ to_count | join(',') ~ '}' }}'::bigint[])
        {%- endif %}
    group by {% for number in range(cells | length + 1) %}{{ number + 1 }}{{ ', ' if not loop.last }}{% endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    delivery.delivery_id,
    delivery.judged_at,
    {%- for column in cells %}
    change.{{ column }},
    {%- endfor %}
    coalesce(sum(change.persons), 0)::bigint as persons
from delivery
{#- Left: a delivery that changed nothing leaves a line too, and is not read again. #}
left join change on delivery.delivery_id = change.delivery_id
group by delivery.delivery_id, delivery.judged_at{% for column in cells %}, change.{{ column }}{% endfor %}
{%- endmacro %}

{#-
    The accepted deliveries whose counts are missing or were made before their last verdict, and all those published
    after the first of them: a delivery that comes late, or is read again, has changed which rows they ended.
-#}
{% macro _deliveries_to_count(dataset_code) -%}
{%- set found = run_query(
    "select delivery_id from " ~ source('meta', 'deliveries') ~ " as delivery
     where dataset_code = '" ~ dataset_code ~ "' and status = 'accepted'
       and (published_on, delivery_id) >= (
           select published_on, delivery_id from " ~ source('meta', 'deliveries') ~ " as changed
            where dataset_code = '" ~ dataset_code ~ "' and status = 'accepted'
              and not exists (
                  select 1 from " ~ this ~ " as counted
                   where counted.delivery_id = changed.delivery_id and counted.judged_at = changed.judged_at)
            order by published_on, delivery_id limit 1)"
) if execute else none -%}
{{ return(found.columns[0].values() | list if found else []) }}
{%- endmacro %}
