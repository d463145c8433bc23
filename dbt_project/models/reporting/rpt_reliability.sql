{#-
    « Jusqu’à quel point peut-on s’y fier ? »: one plain question per row, answered by counting what the marts hold on the
    day of the build. `level` is sound, watch or weak: it says where to look, it judges nobody.
-#}
-- What a publication tells the status of: the other datasets' values count as actual unless somebody says otherwise.
with status_printed as (
    select dataset.dataset_code
    from {{ source('meta', 'datasets') }} as dataset
    cross join lateral jsonb_array_elements(dataset.contract -> 'columns') as contract_column (said)
    where contract_column.said ->> 'name' in ('obs_status', 'flag') and contract_column.said ->> 'default' is null
),

-- One row per quantity, declared before recomputed; what the warehouse says of itself is no figure of the policy.
quantity_value as (
    select distinct on (
        value.indicator_code, value.period_code, case when not concept.is_alternative then value.concept_code end
    )
        value.obs_status,
        value.origin,
        value.obs_status = 'A' and status_printed.dataset_code is null as is_assumed
    from {{ ref('fct_indicator_values') }} as value
    inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
    inner join {{ ref('dim_indicator') }} as indicator on value.indicator_code = indicator.indicator_code
    left join status_printed on value.dataset_code = status_printed.dataset_code
    where
        value.is_current
        and not indicator.sources ? 'warehouse'
        and {{ is_total('value') | indent(8) }}
    order by
        value.indicator_code asc,
        value.period_code asc,
        case when not concept.is_alternative then value.concept_code end asc,
        value.origin desc
),

value_count as (
    select
        count(*) as known,
        count(*) filter (where obs_status = 'A') as actual,
        count(*) filter (where is_assumed) as assumed,
        count(*) filter (where obs_status = 'F') as forecast,
        count(*) filter (where origin = 'computed') as computed
    from quantity_value
),

evidence_count as (
    select
        count(distinct evidence.figure_id) as figures,
        count(*) filter (where evidence.figure_id is null) as without_figure,
        count(distinct evidence.sha256) as files
    from {{ ref('rpt_evidence') }} as evidence
    inner join {{ ref('dim_indicator') }} as indicator on evidence.indicator_code = indicator.indicator_code
    where evidence.is_current and not indicator.sources ? 'warehouse'
),

quantity as (
    select
        indicator_name_fr,
        period_name_fr,
        breakdown_fr,
        max(abs(difference / nullif(value - difference, 0))) * 100 as widest_pct
    from {{ ref('rpt_conflicts') }}
    where is_disagreement
    group by indicator_name_fr, period_name_fr, breakdown_fr
),

conflict_count as (
    select
        count(*) as quantities,
        max(widest_pct) as widest_pct,
        (array_agg(concat(indicator_name_fr, ', ', period_name_fr) order by widest_pct desc))[1] as widest_fr
    from quantity
),

identity_count as (
    select
        count(*) filter (where verdict = 'holds') as holding,
        count(*) filter (where verdict = 'consistent') as consistent,
        count(*) filter (where fails) as failing,
        count(*) filter (where is_new_failure) as newly_failing
    from {{ ref('fct_identity_checks') }}
),

revision_count as (
    select
        count(*) as revised,
        count(distinct new_delivery_id) as deliveries
    from {{ ref('revisions') }}
),

calendar_count as (
    select
        count(*) filter (where status = 'late') as late,
        count(distinct dataset_code) filter (where status = 'late') as late_datasets,
        count(distinct dataset_code) as datasets
    from {{ ref('fct_release_calendar') }}
),

delivery_count as (
    select
        count(*) as received,
        count(*) filter (where status in ('refused', 'failed')) as refused,
        coalesce(sum(records_read), 0) as records_read,
        coalesce(sum(rows_rejected), 0) as rows_rejected
    -- Not from the ledger itself: this view leaves out the numbers of rows that are numbers of persons.
    from {{ ref('rpt_deliveries') }}
),

catalogue_count as (
    select
        count(*) as indicators,
        -- A value broken down by area counts too: not every indicator has a total.
        count(*) filter (
            where not exists (
                select 1
                from {{ ref('fct_indicator_values') }} as value
                where
                    value.indicator_code = indicator.indicator_code
                    and value.is_current
                    and value.obs_status != 'F'
            )
        ) as without_value
    from {{ ref('dim_indicator') }} as indicator
),

answer as (
    select
        1 as place,
        'Ces chiffres sont-ils constatés ou estimés ?' as question_fr,
        concat(
            {{ counted('actual', 'valeur réalisée', 'valeurs réalisées') | indent(12) }}, ' sur ',
            {{ french_number('known', 0) | indent(12) }}
        ) as answer_fr,
        concat(
            {{ counted('known - actual - forecast', 'provisoire ou estimée', 'provisoires ou estimées') | indent(12) }},
            ', ', {{ counted('forecast', 'projetée', 'projetées') | indent(12) }}, ' par l’institution elle-même ; ',
            {{ counted('computed', 'calculée', 'calculées') | indent(12) }},
            ' par l’entrepôt. ', {{ counted('assumed', 'est tenue pour réalisée', 'sont tenues pour réalisées') | indent(12) }},
            ' faute de statut dans la publication. Sans compter le détail par territoire, pays, secteur ou financeur.'
        ) as explanation_fr,
        case when (actual - assumed) * 2 >= known then 'sound' else 'watch' end as level
    from value_count
    union all
    select
        2 as place,
        'Peut-on remonter à la source ?' as question_fr,
        case
            when without_figure = 0 then 'Oui, pour chaque valeur'
            else concat('Non, pour ', {{ counted('without_figure', 'chiffre', 'chiffres') | indent(12) }})
        end as answer_fr,
        concat(
            {{ counted('figures', 'chiffre lu', 'chiffres lus') | indent(12) }}, ' dans ',
            {{ counted('files', 'fichier archivé', 'fichiers archivés') | indent(12) }},
            ', avec l’emplacement et le texte tel qu’il est imprimé.'
        ) as explanation_fr,
        case when without_figure = 0 then 'sound' else 'weak' end as level
    from evidence_count
    union all
    select
        3 as place,
        'Les sources se contredisent-elles ?' as question_fr,
        case
            when quantities = 0 then 'Non'
            else concat('Oui, sur ', {{ counted('quantities', 'quantité', 'quantités') | indent(12) }})
        end as answer_fr,
        case
            when quantities > 0
                then concat(
                    'L’écart le plus large est de ', {{ french_number('widest_pct', 0) | indent(20) }}, ' % (', widest_fr,
                    '). Une règle écrite dit laquelle est en vigueur ; aucune n’est effacée.'
                )
        end as explanation_fr,
        case when quantities = 0 then 'sound' else 'watch' end as level
    from conflict_count
    union all
    select
        4 as place,
        'Les calculs tombent-ils juste ?' as question_fr,
        concat(
            {{ counted('holding', 'vérification tient', 'vérifications tiennent') | indent(12) }}, ' sur ',
            {{ french_number('holding + consistent + failing', 0) | indent(12) }}
        ) as answer_fr,
        concat(
            {{ counted('consistent', 'autre est compatible', 'autres sont compatibles') | indent(12) }}, ' sans rien prouver ; ',
            {{ counted('failing', 'identité en défaut', 'identités en défaut') | indent(12) }}, ', dont ',
            {{ counted('newly_failing', 'nouvelle', 'nouvelles') | indent(12) }},
            ' ; les chiffres restent tels que publiés jusqu’à correction par l’institution.'
        ) as explanation_fr,
        case when newly_failing > 0 then 'weak' when failing > 0 then 'watch' else 'sound' end as level
    from identity_count
    union all
    select
        5 as place,
        'Des chiffres ont-ils changé après coup ?' as question_fr,
        case
            when revised = 0 then 'Non'
            else {{ counted('revised', 'valeur révisée', 'valeurs révisées') | indent(12) }}
        end as answer_fr,
        'Une livraison plus récente remplace une valeur ; l’ancienne reste consultable, avec sa date.' as explanation_fr,
        case when revised = 0 then 'sound' else 'watch' end as level
    from revision_count
    union all
    select
        6 as place,
        'Les publications arrivent-elles à temps ?' as question_fr,
        case
            when late = 0 then 'Oui'
            else {{ counted('late', 'publication en retard', 'publications en retard') | indent(12) }}
        end as answer_fr,
        concat(
            {{ counted('late_datasets', 'jeu de données', 'jeux de données') | indent(12) }}, ' sur ',
            {{ french_number('datasets', 0) | indent(12) }},
            ' attendent une publication ; les valeurs les plus récentes manquent donc.'
        ) as explanation_fr,
        case when late = 0 then 'sound' else 'weak' end as level
    from calendar_count
    union all
    select
        7 as place,
        'Les fichiers reçus sont-ils bons ?' as question_fr,
        concat(
            {{ counted('received - refused', 'livraison sans refus', 'livraisons sans refus') | indent(12) }}, ' sur ',
            {{ french_number('received', 0) | indent(12) }}
        ) as answer_fr,
        concat(
            {{ counted('records_read', 'ligne lue', 'lignes lues') | indent(12) }}, ', dont ',
            {{ counted('rows_rejected', 'rejetée', 'rejetées') | indent(12) }},
            ' ; un rejet est gardé avec son motif, et rien n’est perdu. Sans compter les lignes de données sur des personnes.'
        ) as explanation_fr,
        case when refused = 0 and rows_rejected = 0 then 'sound' else 'watch' end as level
    from delivery_count
    union all
    select
        8 as place,
        'Que ne sait-on pas ?' as question_fr,
        concat(
            {{ counted('without_value', 'indicateur sans valeur', 'indicateurs sans valeur') | indent(12) }}, ' sur ',
            {{ french_number('indicators', 0) | indent(12) }}
        ) as answer_fr,
        'Aucune valeur constatée n’en a été livrée ; le catalogue dit pourquoi, et rien n’est inventé à leur place.'
            as explanation_fr,
        case when without_value = 0 then 'sound' else 'weak' end as level
    from catalogue_count
)

select
    place,
    question_fr,
    answer_fr,
    explanation_fr,
    level,
    case level when 'sound' then 'Solide' when 'watch' then 'À surveiller' when 'weak' then 'Fragile' end as level_name_fr,
    {{ french_date(today()) }} as measured_on_fr
from answer
