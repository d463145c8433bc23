{#-
    The rule that says which of several values speaks for a quantity (DECISIONLOG.md):
    1. what an institution publishes or reports before what the press says of it;
    2. an observation (actual, provisional, estimated) before a forecast;
    3. the concept closest to the indicator's definition;
    4. the institution itself before those who quote it;
    5. the newest publication, then the newest delivery;
    6. the value printed with more decimals (534.97 before 535).
    `figure` is the alias of the rows that compete, with the columns of `precedence_columns`.
-#}
{% macro speaks_first() -%}
    figure.is_hearsay,
    figure.status_rank,
    figure.concept_rank,
    figure.publisher_rank,
    figure.published_on desc,
    figure.delivery_id desc,
    scale(figure.value) desc,
    figure.record_locator
{%- endmacro %}

{#-
    The ranks that the rule reads. Concepts that are alternative readings of one quantity share a `reading`, so
    that one of them is chosen; the others (each meeting, each count of its own) stand beside one another.
-#}
{% macro precedence_columns() -%}
    publisher.kind = 'press' as is_hearsay,
    status.rank as status_rank,
    concept.rank as concept_rank,
    publisher.rank as publisher_rank,
    case when concept.is_alternative then '*' else figure.concept_code end as reading
{%- endmacro %}

{% macro join_precedence() -%}
inner join {{ ref('obs_statuses') }} as status on figure.obs_status = status.code
inner join {{ ref('concepts') }} as concept on figure.concept_code = concept.code
inner join {{ ref('publishers') }} as publisher on figure.publisher_code = publisher.code
{%- endmacro %}

{#- The breakdowns, each with the code of its total: of Mali as a whole, of all countries, sectors, funders, of both sexes. -#}
{% macro totals() -%}
    {{ return({
        'area_code': 'MLI', 'counterpart_area_code': '_T', 'sector_code': '_T', 'funder_code': '_T', 'sex_code': '_T'
    }) }}
{%- endmacro %}

{#- What a quantity is about, besides its measure: one value per combination is expected. -#}
{% macro breakdowns(row=none) -%}
{%- set prefix = row ~ '.' if row else '' -%}
{%- for column in totals() -%}
    {{ prefix }}{{ column }}{{ ',\n    ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{#- The breakdowns of a value that is of Mali as a whole. -#}
{% macro no_breakdown() -%}
{%- for column, total in totals().items() -%}
    '{{ total }}' as {{ column }}{{ ',\n    ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{#-
    Whether a value is of Mali as a whole: a total in every breakdown, those in `but_for` aside. A territory's value, one
    sector's or one country's must not pass for the indicator's own.
-#}
{% macro is_total(row=none, but_for=[]) -%}
{%- set prefix = row ~ '.' if row else '' -%}
{%- set conditions = [] -%}
{%- for column, total in totals().items() if column not in but_for -%}
    {%- do conditions.append(prefix ~ column ~ " = '" ~ total ~ "'") -%}
{%- endfor -%}
{{ conditions | join('\n    and ') }}
{%- endmacro %}

{% macro same_breakdowns(left, right) -%}
{%- for column in totals() -%}
    {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ '\n    and ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{#- A value is known on a day when it was published by then and not yet replaced or withdrawn. -#}
{% macro known_on(row, day) -%}
{{ row }}.published_on <= {{ day }} and ({{ row }}.valid_to is null or {{ row }}.valid_to > {{ day }})
{%- endmacro %}
