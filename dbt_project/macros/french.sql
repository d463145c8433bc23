{#-
    Numbers and dates as a French reader expects them: 901 304 460 (narrow no-break spaces), −8,79, 1er juin 2026. The sign
    is the minus of typography: a text that begins with a hyphen would be a formula to the spreadsheet that it is exported to.
-#}
{% macro french_number(value, decimals) -%}
translate(
    trim(to_char(
        round({{ value }}, {{ decimals }}),
        'FM999,999,999,999,990' || case when {{ decimals }} > 0 then '.' || repeat('0', {{ decimals }}) else '' end
    )),
    ',.-', u&'\202F' || ',−'
)
{%- endmacro %}

{% macro french_month(day) -%}
(array['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'])[
    extract(month from {{ day }})::int
]
{%- endmacro %}

{% macro french_date(day) -%}
case extract(day from {{ day }}) when 1 then '1er' else extract(day from {{ day }})::text end
    || ' ' || {{ french_month(day) }} || ' ' || extract(year from {{ day }})::text
{%- endmacro %}

{#-
    The day of publication, no finer than it is known: where only the month or the year is, the last day of it stands
    for it, so that a last day says its month, and the last of December its year.
-#}
{% macro french_dated(day) -%}
case
    when extract(day from {{ day }} + 1) > 1 then {{ french_date(day) }}
    when extract(month from {{ day }}) = 12 then extract(year from {{ day }})::text
    else {{ french_month(day) }} || ' ' || extract(year from {{ day }})::text
end
{%- endmacro %}

{#- When something was published: publié le 5 février 2014, publié en août 2017, publié en 2013. -#}
{% macro french_published(day, published='publié') -%}
'{{ published }} ' || case when extract(day from {{ day }} + 1) > 1 then 'le ' else 'en ' end || {{ french_dated(day) }}
{%- endmacro %}

{#- A positive number to three significant digits, which is more than a projection knows. -#}
{% macro three_digits(value) -%}
round({{ value }}, 2 - floor(log({{ value }}))::integer)
{%- endmacro %}

{#- An interval: de 483 à 512; null without bounds. -#}
{% macro french_interval(lower, upper, decimals) -%}
'de ' || {{ french_number(three_digits(lower), decimals) }} || ' à ' || {{ french_number(three_digits(upper), decimals) }}
{%- endmacro %}
