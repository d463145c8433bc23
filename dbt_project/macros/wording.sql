{#- Words that several reporting models say in French. -#}

{#- Decimals that a number without a unit is printed with: its own, two at most. -#}
{% macro french_decimals(value) -%}
least(scale(trim_scale({{ value }})), 2)
{%- endmacro %}

{% macro french_plain(value) -%}
{{ french_number(value, french_decimals(value)) }}
{%- endmacro %}

{#- A value with its qualifier: ≈ 8 000. `qualifier` is a row of the seed qualifiers. -#}
{% macro french_qualified(value, decimals) -%}
concat(qualifier.prefix_fr || u&'\202F', {{ french_number(value, decimals) }})
{%- endmacro %}

{#-
    What part of a quantity a value is of, from rows of the area (twice: whose, and with whom), sector, funder and sex
    dimensions; empty for a total of Mali.
-#}
{% macro breakdown_words(area, counterpart, sector, funder, sex) -%}
concat_ws(
    ', ',
    case when {{ area }}.area_code != 'MLI' then {{ area }}.name_fr end,
    case when {{ counterpart }}.area_code != '_T' then {{ counterpart }}.name_fr end,
    case when {{ sector }}.sector_code != '_T' then {{ sector }}.name_fr end,
    case when {{ funder }}.funder_code != '_T' then {{ funder }}.short_name_fr end,
    case when {{ sex }}.sex_code != '_T' then {{ sex }}.name_fr end
)
{%- endmacro %}

{#- A delivery as a sentence names it, from a row of rpt_deliveries. -#}
{% macro delivery_words(delivery) -%}
concat(
    {{ delivery }}.said_by_fr, ', livraison n° ', {{ delivery }}.delivery_id, ', édition ', {{ delivery }}.edition,
    ', ', {{ french_published(delivery ~ '.published_on', 'publiée') }}
)
{%- endmacro %}

{% macro who_fixes_words(who_fixes) -%}
case {{ who_fixes }}
    when 'institution' then 'L’institution'
    when 'statistics team' then 'L’équipe statistique'
    when 'developer' then 'Le développeur'
end
{%- endmacro %}

{#- A number of things: 1 livraison, 12 livraisons. -#}
{% macro counted(number, one, several) -%}
concat({{ french_number(number, 0) }}, ' ', case when {{ number }} > 1 then '{{ several }}' else '{{ one }}' end)
{%- endmacro %}

{#- One side of an identity: a day or a year (`subject.is_day`, `subject.is_year`) is said as one, a number as a number. -#}
{% macro identity_side(value) -%}
case
    when subject.is_day then {{ french_date("(date '1970-01-01' + " ~ value ~ "::integer)") }}
    when subject.is_year then {{ value }}::integer::text
    else {{ french_plain(value) }}
end
{%- endmacro %}
