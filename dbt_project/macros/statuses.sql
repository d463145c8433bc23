{#- The status of what is made of several figures: that of the least certain. `statuses` is an SQL array of theirs. -#}
{% macro least_certain(statuses) -%}
case
        when 'F' = any({{ statuses }}) then 'F'
        when 'E' = any({{ statuses }}) then 'E'
        when 'P' = any({{ statuses }}) then 'P'
        else 'A'
    end
{%- endmacro %}
