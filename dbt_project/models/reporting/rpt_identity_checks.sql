{#-
    The arithmetic identities of the publications in French, one row each: both sides, verdict, evidence and who repairs
    it. A side that is a day or a year is said as one.
-#}
with subject as (
    select distinct on (operand.identity_code)
        operand.identity_code,
        operand.publisher_code,
        operand.period_code,
        measure.indicator_code,
        measure.axis_name_fr,
        -- A difference of two days is a number of days.
        bool_or(operand.reads in ('first_day', 'last_day')) over identity and min(operand.factor) over identity > 0 as is_day,
        bool_or(operand.reads = 'first_year') over identity and min(operand.factor) over identity > 0 as is_year
    from {{ ref('identity_operands') }} as operand
    left join {{ ref('measure_indicators') }} as measure on operand.measure_code = measure.measure_code
    window identity as (partition by operand.identity_code)
    order by operand.identity_code asc, measure.indicator_code asc nulls last, operand.operand_number asc
),

-- Who says the operands, and when.
said as (
    select
        identity.identity_code,
        string_agg(distinct source.source_fr, ' ; ') as source_fr
    from {{ ref('fct_identity_checks') }} as identity
    cross join lateral jsonb_to_recordset(identity.operands) as operand (delivery_id bigint, record_locator text)
    inner join {{ ref('figure_sources') }} as source
        on operand.delivery_id = source.delivery_id and operand.record_locator = source.record_locator
    group by identity.identity_code
)

select
    identity.identity_code,
    identity.document,
    identity.title_fr,
    subject.indicator_code,
    coalesce(subject.axis_name_fr, 'Hors catalogue') as axis_name_fr,
    coalesce(publisher.name_fr, 'Plusieurs institutions') as publisher_name_fr,
    coalesce(said.source_fr, 'Chiffre absent des livraisons reçues') as source_fr,
    period.year,
    kind.label_fr as kind_fr,
    {{ identity_side('identity.left_value') | indent(4) }} as left_value_fr,
    replace(identity.relation, '<=', '≤') as relation_fr,
    {{ identity_side('identity.right_value') | indent(4) }} as right_value_fr,
    {{ french_number('identity.difference', french_decimals('identity.difference')) | indent(4) }} as difference_fr,
    identity.verdict,
    identity.verdict_fr,
    identity.fails,
    case
        when identity.fails and identity.acknowledged_on is null then 'Nouvelle'
        when identity.fails then concat('Connue depuis le ', {{ french_date('identity.acknowledged_on') }})
    end as known_fr,
    case
        when not identity.fails then null
        when identity.who_fixes = 'institution' and publisher.name_fr is not null then publisher.name_fr
        else {{ who_fixes_words('identity.who_fixes') | indent(8) }}
    end as who_fixes_fr,
    identity.comment_fr,
    identity.evidence_fr
from {{ ref('fct_identity_checks') }} as identity
inner join {{ ref('identity_kinds') }} as kind on identity.kind = kind.code
left join said on identity.identity_code = said.identity_code
left join subject on identity.identity_code = subject.identity_code
left join {{ ref('dim_publisher') }} as publisher on subject.publisher_code = publisher.publisher_code
left join {{ ref('dim_period') }} as period on subject.period_code = period.period_code
