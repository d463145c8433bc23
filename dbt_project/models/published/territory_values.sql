{#-
    Local planning: every series that can be read by territory, at each of its periods, for each region and cercle of the
    division in force at the end of the period. No data, zero and confidential are three different things here, and
    each says why. A zero is declared: of persons, whose workbooks list those who came and declare no territory complete,
    a territory without a row has no data. A series without any period has `_Z` (not applicable) and the division of
    today. The national total is not here: it is the indicator's own value.

    The value of a region is the one that was published for it. Where there is none, and the catalogue says that the
    parts add up over territories (`sums_over`), it is the sum of its cercles, if each of them has a value: a partial sum
    is not the region's, and is not given.
-#}
-- One value per series, period and territory: the concept closest to the definition, the institution's own first.
with indicator_value as (
    select distinct on (series_code, value.period_code, value.area_code)
        value.indicator_code,
        value.period_code,
        value.period_start,
        value.period_end,
        value.area_code,
        value.value,
        value.qualifier,
        value.source_fr,
        concat_ws(' ', value.indicator_code, nullif(value.sector_code, '_T'), nullif(value.funder_code, '_T')) as series_code,
        case when value.sector_code != '_T' then value.sector_name_fr end as sector_name_fr,
        case when value.funder_code != '_T' then value.funder_name_fr end as funder_name_fr
    from {{ ref('rpt_indicator_values') }} as value
    inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
    where value.is_current and {{ is_total('value', but_for=['area_code', 'sector_code', 'funder_code']) }}
    order by series_code asc, value.period_code asc, value.area_code asc, concept.rank asc, value.origin desc
),

person_count as (
    select
        count.family_code as series_code,
        count.period_code,
        count.region_code,
        count.persons,
        count.conf_status,
        count.threshold,
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

series as (
    select
        indicator_code as series_code,
        name_fr as series_name_fr,
        unit_code,
        sums_over ? 'area_code' as adds_up,
        false as is_counted,
        no_value_reason_fr as reason_fr
    from {{ ref('dim_indicator') }}
    where breakdowns ? 'area_code'
    -- And each part of an indicator (one funder's projects) that some territory has a value of.
    union distinct
    select
        value.series_code,
        concat_ws(', ', indicator.name_fr, value.sector_name_fr, value.funder_name_fr) as series_name_fr,
        indicator.unit_code,
        indicator.sums_over ? 'area_code' as adds_up,
        false as is_counted,
        indicator.no_value_reason_fr as reason_fr
    from indicator_value as value
    inner join {{ ref('dim_indicator') }} as indicator on value.indicator_code = indicator.indicator_code
    where value.area_code in (select territory.area_code from {{ ref('dim_territory') }} as territory)
    union all
    select
        'returned_migrants' as series_code,
        title_fr as series_name_fr,
        'PERSONS' as unit_code,
        false as adds_up,
        true as is_counted,
        'Aucun classeur n’a encore été reçu : ' || dataset_code || '.' as reason_fr
    from {{ source('meta', 'datasets') }}
    where dataset_code = 'ofii.returned_migrants'
),

figure as (
    select
        series_code,
        period_code,
        period_start,
        period_end,
        area_code,
        value,
        qualifier,
        source_fr,
        false as is_confidential,
        null::integer as threshold
    from indicator_value
    union all
    select
        series_code,
        period_code,
        period_start,
        period_end,
        area_code,
        persons as value,
        '=' as qualifier,
        null as source_fr,
        conf_status = 'C' as is_confidential,
        threshold
    from person_count
),

observed_period as (
    select distinct
        series_code,
        period_code,
        period_start,
        period_end
    from figure
),

period as (
    select
        series.series_code,
        observed_period.period_start,
        observed_period.period_end,
        coalesce(observed_period.period_code, '_Z') as period_code,
        coalesce(observed_period.period_end, {{ today() }}) as day
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

cell as (
    select
        series.*,
        period.period_code,
        period.period_start,
        period.period_end,
        territory.division,
        territory.area_code as territory_code,
        territory.name_fr as territory_name_fr,
        territory.kind as territory_kind,
        territory.region_code,
        territory.origin_area_code,
        figure.threshold,
        figure.value,
        without_cercle.region_code is not null as has_persons_without_cercle,
        coalesce(figure.qualifier, '=') as qualifier,
        coalesce(figure.is_confidential, false) as is_confidential,
        coalesce(
            figure.source_fr,
            case
                when series.is_counted and figure.area_code is not null
                    then 'Recalcul de l’entrepôt d’après : ' || series.series_name_fr
            end
        ) as source_fr
    from series
    inner join period on series.series_code = period.series_code
    inner join {{ ref('dim_territory') }} as territory
        on period.day >= territory.valid_from and period.day < territory.valid_to
    left join figure
        on
            series.series_code = figure.series_code
            and period.period_code = figure.period_code
            and territory.area_code = figure.area_code
    left join without_cercle
        on
            period.period_code = without_cercle.period_code
            and territory.region_code = without_cercle.region_code
            and territory.kind = 'cercle'
),

-- What the cercles of a region say together.
cercle as (
    select
        series_code,
        period_code,
        region_code,
        count(*) as cercles,
        count(value) as known,
        sum(value) as value,
        case
            when bool_and(qualifier = '=') then '='
            when bool_and(qualifier in ('=', '>')) then '>'
            when bool_and(qualifier in ('=', '<')) then '<'
            else '≈'
        end as qualifier,
        string_agg(distinct source_fr, ' ; ') as sources_fr
    from cell
    where territory_kind = 'cercle'
    group by series_code, period_code, region_code
),

-- Series of which a period has values by cercle.
by_cercle as (
    select distinct
        series_code,
        period_code
    from cercle
    where known > 0
),

read as (
    select
        cell.series_code,
        cell.series_name_fr,
        cell.unit_code,
        cell.period_code,
        cell.period_start,
        cell.period_end,
        cell.division,
        cell.territory_code,
        cell.territory_name_fr,
        cell.territory_kind,
        cell.region_code,
        cell.origin_area_code,
        cell.is_confidential,
        cell.threshold,
        cell.is_counted,
        cell.has_persons_without_cercle,
        cell.reason_fr,
        cell.adds_up and by_cercle.series_code is not null and cell.territory_kind != 'cercle' as is_sum_wanted,
        coalesce(cercle.known, 0) as known,
        coalesce(cercle.cercles, 0) as cercles,
        case when region.is_sum then cercle.value else cell.value end as value,
        case when region.is_sum then cercle.qualifier else cell.qualifier end as qualifier,
        case
            when region.is_sum
                then
                    concat(
                        'Recalcul de l’entrepôt, somme des ', cercle.cercles, ' cercles de la région, d’après : ',
                        cercle.sources_fr
                    )
            else cell.source_fr
        end as source_fr
    from cell
    left join cercle
        on
            cell.series_code = cercle.series_code
            and cell.period_code = cercle.period_code
            and cell.territory_code = cercle.region_code
    left join by_cercle on cell.series_code = by_cercle.series_code and cell.period_code = by_cercle.period_code
    {#- A region of which nothing was published, and every cercle has a value. #}
    cross join lateral (
        values (coalesce(cell.adds_up and cell.value is null and cercle.known = cercle.cercles, false))
    ) as region (is_sum)
)

select
    series_code,
    series_name_fr,
    unit_code,
    period_code,
    period_start,
    period_end,
    division,
    territory_code,
    territory_name_fr,
    territory_kind,
    region_code,
    origin_area_code,
    value,
    qualifier,
    source_fr,
    case
        when is_confidential then 'confidential'
        when value is null then 'no_data'
        when value = 0 then 'zero'
        else 'value'
    end as state,
    case
        when is_confidential
            then 'Effectif inférieur à ' || threshold || ', ou qui permettrait d’en retrouver un par différence.'
        when value is not null then null
        when is_counted and period_code != '_Z' and has_persons_without_cercle
            then 'Des personnes de la région n’ont pas de cercle connu.'
        when is_counted and period_code != '_Z'
            then 'Aucune personne enregistrée ; aucun envoi ne dit qu’il n’y en a pas eu.'
        when is_sum_wanted and cercles = 0 then 'L’indicateur se lit par cercle, et ce territoire n’en a pas.'
        when is_sum_wanted and known > 0
            then
                concat(
                    known, case when known > 1 then ' cercles ont' else ' cercle a' end, ' une valeur, sur ', cercles,
                    ' ; une somme partielle ne serait pas celle de la région.'
                )
        else coalesce(reason_fr, 'La source ne donne pas de valeur pour ce territoire.')
    end as reason_fr
from read
