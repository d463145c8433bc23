{#-
    Progress towards the targets of the catalogue, by the method that Open SDG publishes for quantitative targets: the
    compound annual growth observed since the base year, over the one that the target requires from the same year.
        observed = (latest ÷ base) ^ (1 ÷ (latest year − base year)) − 1
        required = (target ÷ base) ^ (1 ÷ (target year − base year)) − 1
        pace     = observed ÷ |required|, positive when it goes the right way
    0.95 and more: substantial; from 0.6: moderate; from 0: limited; below: deterioration. The base is the baseline of
    the catalogue, else the first observed value from 2015 on. Where a pace cannot be computed, the row says why; what was
    last observed more than three years ago says nothing of the pace of today.
-#}
{%- set first_base_year = 2015 -%}
{%- set oldest_years = 3 %}
with target as (
    select
        indicator.indicator_code,
        indicator.unit_code,
        indicator.direction,
        target.value as target_value,
        target.qualifier as target_qualifier,
        target.source_fr as target_source_fr,
        case indicator.direction when 'down' then -1 else 1 end as direction_sign,
        (indicator.baseline ->> 'value')::numeric as baseline_value,
        {{ period_year("(indicator.baseline ->> 'period')") | indent(4) }} as baseline_year,
        {{ period_year('target.period') | indent(4) }} as target_year
    from {{ ref('dim_indicator') }} as indicator
    left join
        lateral
        jsonb_to_recordset(indicator.targets) as target (period text, value numeric, qualifier text, source_fr text)
        on true
),

-- One observed value of Mali as a whole per end of a period: never a forecast, the institution's own before a recomputation.
observation as (
    select distinct on (value.indicator_code, value.period_end)
        value.indicator_code,
        value.period_code,
        value.value,
        value.qualifier,
        value.obs_status,
        value.origin,
        value.figure_ids,
        value.period_end,
        extract(year from value.period_end)::integer as year,
        value.period_end - value.period_start as days
    from {{ ref('fct_indicator_values') }} as value
    inner join {{ ref('dim_concept') }} as concept on value.concept_code = concept.concept_code
    where
        value.is_current
        and value.obs_status != 'F'
        and {{ is_total('value') | indent(4) }}
        and concept.is_alternative
    order by
        value.indicator_code asc,
        value.period_end asc,
        concept.rank asc,
        {{ days_from_a_year('value') }} asc,
        value.origin desc
),

latest as (
    select distinct on (indicator_code) *
    from observation
    order by indicator_code asc, period_end desc
),

-- A year and a span of years are not two points of one curve: the first must be as long as the latest, and of its season.
first_observed as (
    select distinct on (observation.indicator_code) observation.*
    from observation
    inner join latest
        on observation.indicator_code = latest.indicator_code and abs(observation.days - latest.days) <= 2
    where observation.year >= {{ first_base_year }}
    order by
        observation.indicator_code asc,
        observation.year asc,
        abs(extract(doy from observation.period_end) - extract(doy from latest.period_end)) asc
),

point as (
    select
        target.*,
        latest.period_code as latest_period_code,
        latest.year as latest_year,
        latest.value as latest_value,
        latest.qualifier as latest_qualifier,
        latest.obs_status as latest_obs_status,
        latest.origin as latest_origin,
        latest.figure_ids as latest_figure_ids,
        coalesce(target.baseline_year, first_observed.year) as base_year,
        coalesce(target.baseline_value, first_observed.value) as base_value,
        coalesce(
            case
                when target.direction = 'down' and target.target_qualifier = '<' then latest.value < target.target_value
                when target.direction = 'down' then latest.value <= target.target_value
                when target.target_qualifier = '>' then latest.value > target.target_value
                else latest.value >= target.target_value
            end,
            false
        ) as is_reached
    from target
    left join latest on target.indicator_code = latest.indicator_code
    left join first_observed on target.indicator_code = first_observed.indicator_code
),

judged as (
    select
        *,
        case
            when target_value is null then 'Aucune cible n’a été décidée.'
            when latest_value is null then 'Aucune valeur n’est observée.'
            when is_reached then null
            when latest_year < extract(year from {{ today() }}) - {{ oldest_years }}
                then concat('La dernière valeur, de ', latest_year, ', est trop ancienne pour en tirer une allure.')
            when target_year is null then 'La cible n’a pas d’échéance.'
            when base_year is null or base_year >= latest_year
                then 'Une seule valeur est observée depuis l’année de référence.'
            when target_year <= base_year then 'L’échéance de la cible précède l’année de référence.'
            when least(base_value, latest_value, target_value) <= 0
                then 'Un taux de croissance demande des valeurs positives.'
            when base_value = target_value then 'La valeur de référence est déjà celle de la cible.'
        end as reason_fr
    from point
),

-- Guarded: an operand that a growth rate cannot take is replaced by null, never by a number.
grown as (
    select
        *,
        case
            when reason_fr is null and not is_reached
                then power(latest_value / base_value, 1.0 / (latest_year - base_year)) - 1
        end as observed_growth,
        case
            when reason_fr is null and not is_reached
                then power(target_value / base_value, 1.0 / (target_year - base_year)) - 1
        end as required_growth
    from judged
),

paced as (
    select
        *,
        direction_sign * observed_growth / abs(required_growth) as pace
    from grown
)

select
    indicator_code,
    unit_code,
    base_year,
    base_value,
    latest_period_code,
    latest_year,
    latest_value,
    latest_qualifier,
    latest_obs_status,
    latest_origin,
    latest_figure_ids,
    target_year,
    target_value,
    target_qualifier,
    target_source_fr,
    reason_fr,
    target_value - latest_value as distance,
    trim_scale(round(observed_growth * 100, 2)) as observed_growth_pct,
    trim_scale(round(required_growth * 100, 2)) as required_growth_pct,
    trim_scale(round(pace, 2)) as pace,
    case
        when is_reached then 'reached'
        when pace is null then 'not_computable'
        when pace >= 0.95 then 'substantial'
        when pace >= 0.6 then 'moderate'
        when pace >= 0 then 'limited'
        else 'deterioration'
    end as status,
    case
        when is_reached or pace >= 0.95 then 'green'
        when pace >= 0.6 then 'amber'
        when pace is not null then 'red'
        else 'grey'
    end as light,
    case
        when pace > 0 then latest_year + ceil(ln(target_value / latest_value) / ln(1 + observed_growth))::integer
    end as projected_year
from paced
