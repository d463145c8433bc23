{#-
    Whether two areas share a country at a date: they are the same, one contains the other, or both contain a third.
    Such areas must never be added up.
-#}
{% macro areas_overlap(left, right, day) -%}
exists (
    select 1
    from {{ ref('bridge_area_contents') }} as first_content
    inner join {{ ref('bridge_area_contents') }} as second_content
        on first_content.content_code = second_content.content_code
    where
        first_content.area_code = {{ left }}
        and second_content.area_code = {{ right }}
        and {{ day }} >= greatest(first_content.valid_from, second_content.valid_from)
        and {{ day }} < least(first_content.valid_to, second_content.valid_to)
)
{%- endmacro %}
