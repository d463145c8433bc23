{#-
    Every version of every numeric record, straight from the staging tables: what a delivery brought, and the accepted
    delivery that ended it. The tables are those of the contracts, read from dbt's own graph: a new dataset is here
    without an edit. `series_key` is the record's key without its period.
-#}
{% macro record_versions() -%}
    {%- set selects = [] -%}
    {%- if execute -%}
        {%- for table in graph.sources.values() | selectattr('source_name', 'equalto', 'staging') | sort(attribute='name') -%}
            {%- if 'value' in table.columns and 'period_code' in table.columns -%}
                {%- do selects.append(_versions_of(table)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{{ selects | join('\nunion all\n') if selects else _no_version() }}
{%- endmacro %}

{% macro _versions_of(table) -%}
select
    '{{ table.name | replace("__", ".", 1) }}#' || record.row_id as figure_id,
    delivery.dataset_code,
    record.record_key,
    array_to_string(
        array_remove(string_to_array(record.record_key, E'\x1f'), record.period_code), ' · '
    ) as series_key,
    record.period_code,
    record.value::numeric as value,
    record.record_kind,
    record.record_locator,
    record.record_literal,
    delivery.delivery_id,
    delivery.edition,
    delivery.published_on,
    record.ended_by_delivery_id,
    record.end_reason
from {{ table.relation_name }} as record
inner join {{ source('meta', 'deliveries') }} as delivery
    on record.delivery_id = delivery.delivery_id and delivery.status = 'accepted'
where record.record_kind != 'note'
{%- endmacro %}

{% macro _no_version() -%}
select
    null::text as figure_id,
    null::text as dataset_code,
    null::text as record_key,
    null::text as series_key,
    null::text as period_code,
    null::numeric as value,
    null::text as record_kind,
    null::text as record_locator,
    null::text as record_literal,
    null::bigint as delivery_id,
    null::text as edition,
    null::date as published_on,
    null::bigint as ended_by_delivery_id,
    null::text as end_reason
where false
{%- endmacro %}
