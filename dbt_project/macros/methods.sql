{#-
    A table that a step of dbt_project/methods fills: `columns` is name → type. dbt creates it, empty, and from then on
    leaves its rows alone, `--full-refresh` or not; `dbt build` works on an empty warehouse, with nothing computed yet.
-#}
{% macro method_output(columns) -%}
{{ config(materialized='incremental', on_schema_change='sync_all_columns', full_refresh=false) }}
select
    {%- for column, type in columns.items() %}
    null::{{ type }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
{%- endmacro %}
