{{ config(post_hook=["{{ say_identities_that_fail(this) }}"]) }}
{#-
    Every arithmetic identity of the seeds `identities` and `identity_operands`, evaluated on the figures in service.
    A side is the sum of its numerators over the sum of its denominators (1 without any), each operand times its
    factor. Verdicts follow from the operands: none is written in a seed, and no number is changed.
-#}
with figure as (
    select *
    from (
        select
            figure.*,
            transcribed.words_value,
            transcribed.digits_value,
            row_number() over (
                partition by
                    figure.dataset_code, figure.publisher_code, figure.measure_code, figure.period_code,
                    {{ breakdowns('figure') | indent(20) }}, figure.concept_code, figure.unit_code
                order by figure.published_on desc, figure.delivery_id desc, figure.figure_id desc
            ) as place
        from {{ ref('int_figures') }} as figure
        left join {{ ref('stg_ministry__figures') }} as transcribed on figure.figure_id = transcribed.figure_id
        where figure.valid_to is null and figure.is_part is not true
    ) as in_service
    where place = 1
),

-- `*` takes every part of a breakdown, and leaves its total out.
figure_reading as (
    select
        operand.identity_code,
        operand.operand_number,
        case operand.reads
            when 'value' then figure.value
            when 'words' then figure.words_value
            when 'digits' then figure.digits_value
            when 'count' then 1
            when 'days' then figure.period_end - figure.period_start + 1
            when 'first_day' then figure.period_start - date '1970-01-01'
            when 'last_day' then figure.period_end - date '1970-01-01'
            when 'first_year' then extract(year from figure.period_start)
            when 'years' then extract(year from age(figure.period_end + 1, figure.period_start))
            when 'months' then
                extract(year from age(figure.period_end + 1, figure.period_start)) * 12
                + extract(month from age(figure.period_end + 1, figure.period_start))
        end as reading,
        figure.delivery_id,
        figure.dataset_code,
        figure.record_locator,
        figure.record_literal
    from {{ ref('identity_operands') }} as operand
    left join {{ ref('measures') }} as measure on operand.measure_code = measure.code
    inner join figure
        on
            operand.measure_code = figure.measure_code
            and operand.dataset_code = figure.dataset_code
            and operand.publisher_code = figure.publisher_code
            and operand.period_code in ('*', figure.period_code)
            and coalesce(operand.unit_code, measure.unit_code) = figure.unit_code
            and coalesce(operand.concept_code, '_T') = figure.concept_code
            and figure.area_code = 'MLI'
            and figure.sex_code = '_T'
            {%- for column in ['counterpart_area_code', 'sector_code', 'funder_code'] %}
            and case operand.{{ column }}
                when '*' then figure.{{ column }} != '_T' else coalesce(operand.{{ column }}, '_T') = figure.{{ column }}
            end
            {%- endfor %}
),

reading as (
    select * from figure_reading
    union all
    select
        operand.identity_code,
        operand.operand_number,
        1 as reading,
        paragraph.delivery_id,
        paragraph.dataset_code,
        paragraph.record_locator,
        paragraph.record_literal
    from {{ ref('identity_operands') }} as operand
    inner join {{ ref('stg_ministry__articles') }} as paragraph
        on operand.section_title = paragraph.section_title and paragraph.is_in_service
    where operand.reads = 'paragraphs'
    union all
    select
        operand.identity_code,
        operand.operand_number,
        operand.constant as reading,
        null as delivery_id,
        null as dataset_code,
        null as record_locator,
        operand.citation_fr as record_literal
    from {{ ref('identity_operands') }} as operand
    where operand.reads = 'constant'
),

operand_reading as (
    select
        operand.identity_code,
        operand.side,
        operand.part,
        operand.factor,
        operand.operand_number,
        reading.reading,
        reading.delivery_id,
        reading.dataset_code,
        reading.record_locator,
        reading.record_literal
    from {{ ref('identity_operands') }} as operand
    left join reading
        on operand.identity_code = reading.identity_code and operand.operand_number = reading.operand_number
),

evaluated as (
    select
        identity_code,
        {%- for side in ['left', 'right'] %}
        sum(factor * reading) filter (where side = '{{ side }}' and part = 'numerator')
        / case
            when bool_or(side = '{{ side }}' and part = 'denominator')
                then nullif(sum(factor * reading) filter (where side = '{{ side }}' and part = 'denominator'), 0)
            else 1
        end as {{ side }}_value,
        {%- endfor %}
        bool_and(reading is not null) as is_complete,
        jsonb_agg(
            jsonb_build_object(
                'side', side, 'part', part, 'factor', factor, 'reading', reading, 'delivery_id', delivery_id,
                'dataset_code', dataset_code, 'record_locator', record_locator, 'record_literal', record_literal
            )
            order by operand_number, record_locator
        ) as operands,
        string_agg(
            case
                when reading is null then 'chiffre absent'
                else concat_ws(' ', dataset_code, record_locator, '« ' || record_literal || ' »')
            end,
            ' ; ' order by operand_number, record_locator
        ) as evidence_fr
    from operand_reading
    group by identity_code
),

compared as (
    select
        identity.code as identity_code,
        identity.check_number,
        identity.document,
        identity.kind,
        identity.title_fr,
        identity.relation,
        evaluated.operands,
        evaluated.evidence_fr,
        identity.who_fixes,
        identity.acknowledged_on,
        identity.comment_fr,
        trim_scale(evaluated.left_value) as left_value,
        trim_scale(evaluated.right_value) as right_value,
        trim_scale(evaluated.left_value - evaluated.right_value) as difference,
        coalesce(evaluated.is_complete, false)
        and evaluated.left_value is not null
        and (identity.relation is null or evaluated.right_value is not null) as is_checkable,
        case
            when identity.relation is null then true
            when identity.relation = '='
                then abs(
                    round(evaluated.left_value, coalesce(identity.decimals, 12))
                    - round(evaluated.right_value, coalesce(identity.decimals, 12))
                ) <= coalesce(identity.tolerance, 0)
            when identity.relation = '<=' then evaluated.left_value <= evaluated.right_value
            when identity.relation = '>' then evaluated.left_value > evaluated.right_value
        end as is_true
    from {{ ref('identities') }} as identity
    left join evaluated on identity.code = evaluated.identity_code
),

judged as (
    select
        compared.*,
        case
            when not compared.is_checkable then 'not checkable'
            when compared.is_true then kind.verdict_if_true
            else kind.verdict_if_not
        end as verdict
    from compared
    inner join {{ ref('identity_kinds') }} as kind on compared.kind = kind.code
)

select
    judged.identity_code,
    judged.check_number,
    judged.document,
    judged.kind,
    judged.title_fr,
    judged.left_value,
    judged.relation,
    judged.right_value,
    judged.difference,
    judged.verdict,
    verdict.label_fr as verdict_fr,
    judged.operands,
    judged.evidence_fr,
    judged.who_fixes,
    judged.acknowledged_on,
    -- What was said of a failure is no longer true once it is mended.
    case when not verdict.is_sound then judged.comment_fr end as comment_fr,
    not verdict.is_sound as fails,
    not verdict.is_sound and judged.acknowledged_on is null as is_new_failure
from judged
inner join {{ ref('identity_verdicts') }} as verdict on judged.verdict = verdict.code
