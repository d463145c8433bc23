{#-
    Period codes are 2016 · 2016-Q1 · 2016-03 · 2016-12-31, or the first and the last of a range: 2013/2016 ·
    2016-03/2016-05 · 2015-12-08/2015-12-10. First and last day of each, and nowhere else in the project is a period code
    taken apart. An unknown form gives null, which a test refuses.
-#}
{% macro period_start(code) -%}
{{ _first_day(_first(code)) }}
{%- endmacro %}

{% macro period_end(code) -%}
({{ _first_day(_last(code)) }} + case
    when {{ is_year(_last(code)) }} then interval '1 year'
    when {{ _is_quarter(_last(code)) }} then interval '3 months'
    when {{ is_month(_last(code)) }} then interval '1 month'
    else interval '1 day'
end - interval '1 day')::date
{%- endmacro %}

{#- The year that a period ends in. -#}
{% macro period_year(code) -%}
extract(year from {{ period_end(code) }})::integer
{%- endmacro %}

{% macro is_year(code) -%}
{{ code }} ~ '^\d{4}$'
{%- endmacro %}

{% macro _is_quarter(code) -%}
{{ code }} ~ '^\d{4}-Q[1-4]$'
{%- endmacro %}

{% macro is_month(code) -%}
{{ code }} ~ '^\d{4}-\d{2}$'
{%- endmacro %}

{#- The ends of a range; of what is no range, the code itself. -#}
{% macro _first(code) -%}
split_part({{ code }}, '/', 1)
{%- endmacro %}

{% macro _last(code) -%}
split_part({{ code }}, '/', -1)
{%- endmacro %}

{% macro _first_day(point) -%}
case
    when {{ is_year(point) }} then make_date({{ point }}::int, 1, 1)
    when {{ _is_quarter(point) }} then make_date(left({{ point }}, 4)::int, right({{ point }}, 1)::int * 3 - 2, 1)
    when {{ is_month(point) }} then ({{ point }} || '-01')::date
    when {{ point }} ~ '^\d{4}-\d{2}-\d{2}$' then {{ point }}::date
end
{%- endmacro %}

{#- A period as ingestion/french prints it: T1 2016, mars à mai 2016, du 8 au 10 décembre 2015, 2013–2016. -#}
{% macro french_period(code) -%}
case
    when {{ code }} ~ '^\d{4}/\d{4}$' then replace({{ code }}, '/', '–')
    when {{ code }} like '%/%' then (
        select
            case when last ~ '^\d' then 'du ' else '' end
            -- What both ends have in common is said once.
            || case
                when substring(first from ' .*') = substring(last from ' .*') then split_part(first, ' ', 1)
                when right(first, 4) = right(last, 4) then left(first, -5)
                else first
            end
            || case when last ~ '^\d' then ' au ' else ' à ' end
            || last
        from (values ({{ _french_point(_first(code)) }}, {{ _french_point(_last(code)) }})) as said (first, last)
    )
    else {{ _french_point(code) }}
end
{%- endmacro %}

{% macro _french_point(point) -%}
case
    when {{ _is_quarter(point) }} then 'T' || right({{ point }}, 1) || ' ' || left({{ point }}, 4)
    when {{ is_month(point) }} then {{ french_month(_first_day(point)) }} || ' ' || left({{ point }}, 4)
    when {{ point }} ~ '^\d{4}-\d{2}-\d{2}$' then {{ french_date(point ~ '::date') }}
    else {{ point }}
end
{%- endmacro %}

{#- How far the length of a row's period is from a year: of periods that end together, the least is neither a month nor a decade. -#}
{% macro days_from_a_year(row) -%}
abs({{ row }}.period_end - {{ row }}.period_start - 364)
{%- endmacro %}
