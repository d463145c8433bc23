{#-
    A table that a step of dbt_project/methods fills: `columns` is name → type. dbt creates it, empty, and from then on
    leaves its rows alone; `dbt build` alone therefore works on an empty warehouse, with nothing computed yet.
-#}
{% macro method_output(columns) -%}
{{ config(materialized='incremental', on_schema_change='sync_all_columns') }}
select
    {%- for column, type in columns.items() %}
    null::{{ type }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
{%- endmacro %}
