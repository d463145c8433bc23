{#-
    What institutions declare beside what the warehouse computes: a ratio and its operands, a printed total and the
    sum of its parts. Both numbers are kept; the verdict is evaluated here and changes neither.
-#}
with in_service as (
    select *
    from (
        select
            value.*,
            -- A publisher who repeats a figure, word for word or corrected, has said it once: the newest time.
            row_number() over (
                partition by
                    value.indicator_code, value.period_code, {{ breakdowns('value') | indent(20) }}, value.concept_code,
                    value.origin, value.publisher_code
                order by value.published_on desc, value.delivery_id desc, value.record_locator asc
            ) as place
        from {{ ref('indicator_value_versions') }} as value
        where value.valid_to is null
    ) as said
    where place = 1
),

-- An indicator that is both declared and computed for the same quantity.
recomputation as (
    select
        declared.indicator_code,
        declared.period_code,
        {{ breakdowns('declared') | indent(4) }},
        declared.concept_code,
        declared.unit_code,
        declared.publisher_code,
        declared.published_on,
        'recomputation' as comparison,
        declared.value as declared_value,
        computed.value as computed_value,
        declared.delivery_id = computed.delivery_id as is_same_delivery,
        declared.figure_ids as declared_figure_id,
        declared.record_locator as declared_locator,
        computed.record_locator as computed_locator
    from in_service as declared
    inner join in_service as computed
        on
            declared.indicator_code = computed.indicator_code
            and declared.period_code = computed.period_code
            and declared.reading = computed.reading
            and {{ same_breakdowns('declared', 'computed') | indent(8) }}
            and declared.origin = 'declared'
            and computed.origin = 'computed'
),
{% set dimensions = totals() %}
{% for dimension, whole in dimensions.items() %}
-- A printed total and the parts printed by the same publisher, where the catalogue says that the parts add up.
sum_over_{{ dimension }} as (
    select
        total.indicator_code,
        total.period_code,
        {{ breakdowns('total') | indent(4) }},
        total.concept_code,
        total.unit_code,
        total.publisher_code,
        total.published_on,
        'sum over {{ dimension }}' as comparison,
        total.value as declared_value,
        sum(part.value) as computed_value,
        bool_and(total.delivery_id = part.delivery_id) as is_same_delivery,
        total.figure_ids as declared_figure_id,
        total.record_locator as declared_locator,
        string_agg(part.record_locator, ' + ' order by part.{{ dimension }}) as computed_locator
    from in_service as total
    inner join {{ ref('dim_indicator') }} as indicator
        on total.indicator_code = indicator.indicator_code and indicator.sums_over ? '{{ dimension }}'
    inner join in_service as part
        on
            total.indicator_code = part.indicator_code
            and total.period_code = part.period_code
            and total.publisher_code = part.publisher_code
            and total.concept_code = part.concept_code
            {%- for other in dimensions if other != dimension %}
            and total.{{ other }} = part.{{ other }}
            {%- endfor %}
            and part.{{ dimension }} != '{{ whole }}'
    where total.{{ dimension }} = '{{ whole }}' and total.origin = 'declared' and part.origin = 'declared'
    group by
        total.indicator_code,
        total.period_code,
        {{ breakdowns('total') | indent(4) }},
        total.concept_code,
        total.unit_code,
        total.publisher_code,
        total.published_on,
        total.value,
        total.figure_ids,
        total.record_locator
),
{% endfor %}
comparison as (
    select * from recomputation
    {%- for dimension in dimensions %}
    union all
    select * from sum_over_{{ dimension }}
    {%- endfor %}
)

select
    comparison.*,
    comparison.computed_value - comparison.declared_value as difference,
    -- Two numbers agree when they are the same once rounded as the unit is printed.
    case
        when abs(comparison.computed_value - comparison.declared_value) <= 0.5 * power(10::numeric, -unit.decimals) then 'holds'
        when comparison.is_same_delivery then 'differs'
        else 'differs between editions'
    end as verdict
from comparison
inner join {{ ref('dim_unit') }} as unit on comparison.unit_code = unit.unit_code
