{#-
    Period codes are 2016 · 2016-Q1 · 2016-03 · 2016-12-31 · 2013/2016 · 2015-12-08/2015-12-10. First and last day of
    each, and nowhere else in the project is a period code taken apart. An unknown form gives null, which a test refuses.
-#}
{% macro period_start(code) -%}
case
    when {{ code }} ~ '^\d{4}(/\d{4})?$' then make_date(left({{ code }}, 4)::int, 1, 1)
    when {{ code }} ~ '^\d{4}-Q[1-4]$' then make_date(left({{ code }}, 4)::int, right({{ code }}, 1)::int * 3 - 2, 1)
    when {{ code }} ~ '^\d{4}-\d{2}$' then ({{ code }} || '-01')::date
    when {{ code }} ~ '^\d{4}-\d{2}-\d{2}(/\d{4}-\d{2}-\d{2})?$' then left({{ code }}, 10)::date
end
{%- endmacro %}

{% macro period_end(code) -%}
case
    when {{ code }} ~ '^(\d{4}/)?\d{4}$' then make_date(right({{ code }}, 4)::int, 12, 31)
    when {{ code }} ~ '^\d{4}-Q[1-4]$'
        then (make_date(left({{ code }}, 4)::int, right({{ code }}, 1)::int * 3 - 2, 1) + interval '3 months - 1 day')::date
    when {{ code }} ~ '^\d{4}-\d{2}$' then (({{ code }} || '-01')::date + interval '1 month - 1 day')::date
    when {{ code }} ~ '^(\d{4}-\d{2}-\d{2}/)?\d{4}-\d{2}-\d{2}$' then right({{ code }}, 10)::date
end
{%- endmacro %}

{#- How far the length of a row's period is from a year: of periods that end together, the least is neither a month nor a decade. -#}
{% macro days_from_a_year(row) -%}
abs({{ row }}.period_end - {{ row }}.period_start - 364)
{%- endmacro %}
