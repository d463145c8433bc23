{#-
    Local planning: every series that can be read by territory, at each of its periods, for each region and cercle of the
    division in force at the end of the period. No data, zero and confidential are three different things here, and
    each says why. A series without any period has `_Z` (not applicable) and the division of today.
-#}
with series as (
    select
        indicator_code as series_code,
        name_fr as series_name_fr,
        unit_code,
        coalesce(no_value_reason_fr, 'La source ne donne pas de valeur pour ce territoire.') as reason_fr
    from {{ ref('dim_indicator') }}
    where
        breakdowns ? 'area_code'
        or indicator_code in (
            select value.indicator_code
            from {{ ref('fct_indicator_values') }} as value
            inner join {{ ref('dim_territory') }} as territory on value.area_code = territory.area_code
        )
    union all
    select
        'returned_migrants' as series_code,
        title_fr as series_name_fr,
        'PERSONS' as unit_code,
        'Aucun classeur n’a encore été reçu : ' || dataset_code || '.' as reason_fr
    from {{ source('meta', 'datasets') }}
    where dataset_code = 'ofii.returned_migrants'
),

-- One value per indicator, period and territory: the concept closest to the definition, the institution's own first.
indicator_value as (
    select distinct on (value.indicator_code, value.period_code, value.area_code)
        value.indicator_code as series_code,
        value.period_code,
        value.period_start,
        value.period_end,
        value.area_code,
        value.value,
        value.source_fr
    from {{ ref('rpt_indicator_values') }} as value
    inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
    where
        value.is_current
        and value.counterpart_area_code = '_T'
        and value.sector_code = '_T'
        and value.funder_code = '_T'
    order by
        value.indicator_code asc, value.period_code asc, value.area_code asc, concept.rank asc, value.origin desc
),

person_count as (
    select
        count.family_code as series_code,
        count.period_code,
        count.persons,
        count.conf_status,
        count.threshold,
        count.region_code,
        make_date(count.year, 1, 1) as period_start,
        make_date(count.year, 12, 31) as period_end,
        case when count.cercle_code = '_T' then count.region_code else count.cercle_code end as area_code
    from {{ ref('fct_person_counts') }} as count
    where
        count.family_code = 'returned_migrants'
        and count.period_code = count.year::text
        and count.sex_code = '_T'
        and count.counterpart_area_code = '_T'
),

observed_period as (
    select
        series_code,
        period_code,
        period_start,
        period_end
    from indicator_value
    union
    select
        series_code,
        period_code,
        period_start,
        period_end
    from person_count
),

period as (
    select
        series.series_code,
        observed_period.period_start,
        observed_period.period_end,
        coalesce(observed_period.period_code, '_Z') as period_code,
        coalesce(observed_period.period_end, current_date) as day
    from series
    left join observed_period on series.series_code = observed_period.series_code
),

-- Regions of which some persons were counted in no cercle, by period.
without_cercle as (
    select
        period_code,
        region_code
    from person_count
    where area_code = '_U'
),

read as (
    select
        series.series_code,
        series.series_name_fr,
        series.unit_code,
        period.period_code,
        period.period_start,
        period.period_end,
        territory.division,
        territory.area_code as territory_code,
        territory.name_fr as territory_name_fr,
        territory.kind as territory_kind,
        territory.region_code,
        territory.origin_area_code,
        coalesce(
            indicator_value.value,
            person_count.persons,
            case when person_count.area_code is null and is_counted.yes then 0 end
        ) as value,
        case
            when person_count.conf_status = 'C' then 'confidential'
            when coalesce(indicator_value.value, person_count.persons) != 0 then 'value'
            when coalesce(indicator_value.value, person_count.persons) = 0 or is_counted.yes then 'zero'
            else 'no_data'
        end as state,
        case
            when person_count.conf_status = 'C'
                then
                    'Effectif inférieur à ' || person_count.threshold
                    || ', ou qui permettrait d’en retrouver un par différence.'
            when coalesce(indicator_value.value, person_count.persons) is null and not is_counted.yes
                then
                    case
                        when period.period_code != '_Z' and series.series_code = 'returned_migrants'
                            then 'Des personnes de la région n’ont pas de cercle connu.'
                        else series.reason_fr
                    end
        end as reason_fr,
        coalesce(
            indicator_value.source_fr,
            case
                when person_count.area_code is not null or is_counted.yes
                    then 'Recalcul de l’entrepôt d’après : ' || series.series_name_fr
            end
        ) as source_fr
    from series
    inner join period on series.series_code = period.series_code
    inner join {{ ref('dim_territory') }} as territory
        on period.day >= territory.valid_from and period.day < territory.valid_to
    left join indicator_value
        on
            series.series_code = indicator_value.series_code
            and period.period_code = indicator_value.period_code
            and territory.area_code = indicator_value.area_code
    left join person_count
        on
            series.series_code = person_count.series_code
            and period.period_code = person_count.period_code
            and territory.area_code = person_count.area_code
    left join without_cercle
        on
            period.period_code = without_cercle.period_code
            and territory.region_code = without_cercle.region_code
            and territory.kind = 'cercle'
    {#- Nobody was counted there: none came, unless persons of the region were counted in no cercle. #}
    cross join lateral (
        values (
            series.series_code = 'returned_migrants'
            and period.period_code != '_Z'
            and without_cercle.region_code is null
        )
    ) as is_counted (yes)
)

select
    read.series_code,
    read.series_name_fr,
    read.unit_code,
    read.period_code,
    read.period_start,
    read.period_end,
    read.division,
    read.territory_code,
    read.territory_name_fr,
    read.territory_kind,
    read.region_code,
    read.origin_area_code,
    read.value,
    read.state,
    read.reason_fr,
    read.source_fr,
    case read.state
        when 'value' then 'valeur'
        when 'zero' then 'zéro'
        when 'confidential' then 'confidentiel'
        when 'no_data' then 'pas de donnée'
    end as state_fr,
    case read.state
        when 'confidential' then 'confidentiel'
        when 'no_data' then 'pas de donnée'
        else {{ french_number('read.value', 'unit.decimals') | indent(8) }}
    end as value_fr,
    unit.name_fr as unit_name_fr
from read
inner join {{ ref('dim_unit') }} as unit on read.unit_code = unit.unit_code
