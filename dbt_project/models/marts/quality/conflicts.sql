{#-
    Figures in service of one quantity (measure, period, area, breakdown) from several publishers or in several
    concepts, side by side: which one speaks for it by the rule of choice, and which step of the rule set each other
    one aside. All are kept.
-#}
with figure as (
    select
        figure.*,
        {{ precedence_columns() | indent(8) }},
        status.label_fr as status_fr,
        concept.label_fr as concept_fr,
        publisher.label_fr as publisher_fr
    from {{ ref('int_figures') }} as figure
    {{ join_precedence() | indent(4) }}
    where
        figure.is_in_measure_unit
        and figure.is_part is not true
        -- A sum of the warehouse's own contradicts nobody: fct_declared_computed sets it beside what is declared.
        and figure.publisher_code != 'ponam'
        and figure.valid_to is null
        and figure.qualifier is not null
),

placed as (
    select
        figure.*,
        row_number() over quantity as place,
        {%- for column in [
            'figure_id', 'value', 'is_hearsay', 'status_rank', 'concept_rank', 'publisher_rank', 'published_on', 'delivery_id',
            'status_fr', 'concept_fr', 'publisher_fr'
        ] %}
        first_value(figure.{{ column }}) over quantity as current_{{ column }},
        {%- endfor %}
        {%- for column in [
            'value', 'is_hearsay', 'status_rank', 'concept_rank', 'publisher_rank', 'published_on', 'delivery_id', 'status_fr',
            'publisher_fr'
        ] %}
        lead(figure.{{ column }}) over quantity as next_{{ column }},
        {%- endfor %}
        min(figure.publisher_code) over whole != max(figure.publisher_code) over whole
        or min(figure.concept_code) over whole != max(figure.concept_code) over whole as has_rivals,
        min(figure.value) over whole != max(figure.value) over whole as is_disagreement
    from figure
    window
        whole as (partition by figure.measure_code, figure.period_code, {{ breakdowns('figure') | indent(12) }}, figure.reading),
        quantity as (whole order by {{ speaks_first() | indent(12) }})
)

select
    measure_code,
    period_code,
    period_start,
    period_end,
    {{ breakdowns() }},
    concept_code,
    concept_fr,
    value,
    unit_code,
    qualifier,
    obs_status,
    publisher_code,
    publisher_fr,
    published_on,
    current_value,
    is_disagreement,
    delivery_id,
    dataset_code,
    record_locator,
    record_literal,
    figure_id,
    place = 1 as is_current,
    trim_scale(value - current_value) as difference,
    trim_scale(round((value / nullif(current_value, 0) - 1) * 100, 4)) as relative_difference_pct,
    -- The step of the rule that sets it apart: the chosen one from the next, each other one from the chosen.
    case
        when place = 1 and is_hearsay != next_is_hearsay then 'Retenu : chiffre d’institution avant propos de presse'
        when place = 1 and status_rank != next_status_rank
            then 'Retenu : ' || lower(status_fr) || ' avant ' || lower(next_status_fr)
        when place = 1 and concept_rank != next_concept_rank
            then 'Retenu : « ' || concept_fr || ' » est la notion la plus proche de la définition'
        when place = 1 and publisher_rank != next_publisher_rank
            then 'Retenu : ' || publisher_fr || ' mesure, ' || next_publisher_fr || ' cite'
        when place = 1 and published_on != next_published_on then 'Retenu : publication plus récente'
        when place = 1 and delivery_id != next_delivery_id then 'Retenu : livraison plus récente du même jour'
        when place = 1 and scale(value) > scale(next_value) then 'Retenu : valeur moins arrondie, citée le même jour'
        when place = 1 then 'Retenu : même livraison, imprimé plus haut'
        when is_hearsay != current_is_hearsay
            then
                'Écarté : propos rapporté par ' || publisher_fr || ', contre un chiffre d’institution ('
                || current_publisher_fr || ')'
        when status_rank != current_status_rank then 'Écarté : ' || lower(status_fr) || ', contre ' || lower(current_status_fr)
        when concept_rank != current_concept_rank
            then 'Écarté : « ' || concept_fr || ' » est plus loin de la définition que « ' || current_concept_fr || ' »'
        when publisher_rank != current_publisher_rank
            then 'Écarté : ' || publisher_fr || ' cite, ' || current_publisher_fr || ' mesure'
        when published_on != current_published_on then 'Écarté : publication plus ancienne'
        when delivery_id != current_delivery_id then 'Écarté : livraison plus ancienne du même jour'
        when scale(value) < scale(current_value) then 'Écarté : valeur plus arrondie'
        else 'Écarté : même livraison, imprimé plus loin'
    end as why_fr
from placed
where has_rivals
