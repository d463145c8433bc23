-- From each value to the file, the place and the words it was read in, in French; a computed value has a row per operand.
select
    evidence.indicator_code,
    indicator.name_fr as indicator_name_fr,
    axis.axis_name_fr,
    evidence.period_code,
    period.name_fr as period_name_fr,
    period.year,
    {{ breakdown_words('area', 'counterpart', 'sector', 'funder', 'sex') | indent(4) }} as breakdown_fr,
    concept.name_fr as concept_name_fr,
    {{ french_qualified('evidence.value', 'unit.decimals') | indent(4) }} as value_fr,
    unit.name_fr as unit_name_fr,
    status.name_fr as obs_status_name_fr,
    origin.label_fr as origin_name_fr,
    publisher.name_fr as publisher_name_fr,
    evidence.is_current,
    evidence.operand_number,
    coalesce(evidence.operand_period_code, evidence.period_code) as operand_period_code,
    case
        when evidence.origin = 'computed' and evidence.figure_id is not null
            then concat(
                operand_measure.label_fr, ' : ',
                {{ french_number('evidence.operand_value', 'operand_unit.decimals') | indent(16) }},
                ' ', operand_unit.name_fr
            )
    end as operand_fr,
    evidence.operand_literal,
    evidence.operand_locator,
    delivery.dataset_name_fr,
    -- Of the file that the place is in: a transcribed figure stands in its text, not in the sheet that gives it.
    coalesce(evidence.text_file_name, evidence.file_name) as file_name,
    concat(
        coalesce(evidence.text_file_name || ', relevé dans ', ''), evidence.file_name,
        ' (', coalesce(source.source_fr, delivery.source_fr), ')'
    ) as file_fr,
    coalesce(evidence.text_address, evidence.address) as address,
    coalesce(evidence.text_sha256, evidence.sha256) as sha256,
    evidence.delivery_id,
    evidence.edition,
    {{ french_dated('evidence.delivery_published_on') }} as published_on_fr,
    {{ french_date('evidence.fetched_at') }} as fetched_on_fr,
    evidence.decision_fr
from {{ ref('rpt_evidence') }} as evidence
inner join {{ ref('dim_indicator') }} as indicator on evidence.indicator_code = indicator.indicator_code
inner join {{ ref('indicator_axes') }} as axis on evidence.indicator_code = axis.indicator_code
inner join {{ ref('dim_period') }} as period on evidence.period_code = period.period_code
inner join {{ ref('dim_area') }} as area on evidence.area_code = area.area_code
inner join {{ ref('dim_area') }} as counterpart on evidence.counterpart_area_code = counterpart.area_code
inner join {{ ref('dim_sector') }} as sector on evidence.sector_code = sector.sector_code
inner join {{ ref('dim_funder') }} as funder on evidence.funder_code = funder.funder_code
inner join {{ ref('dim_sex') }} as sex on evidence.sex_code = sex.sex_code
inner join {{ ref('dim_concept') }} as concept on evidence.concept_code = concept.concept_code
inner join {{ ref('dim_unit') }} as unit on evidence.unit_code = unit.unit_code
inner join {{ ref('dim_obs_status') }} as status on evidence.obs_status = status.obs_status
inner join {{ ref('dim_publisher') }} as publisher on evidence.publisher_code = publisher.publisher_code
inner join {{ ref('rpt_deliveries') }} as delivery on evidence.delivery_id = delivery.delivery_id
left join {{ ref('figure_sources') }} as source on evidence.figure_id = source.figure_id
inner join {{ ref('qualifiers') }} as qualifier on evidence.qualifier = qualifier.code
inner join {{ ref('origins') }} as origin on evidence.origin = origin.code
left join {{ ref('measures') }} as operand_measure on evidence.operand_measure_code = operand_measure.code
left join {{ ref('dim_unit') }} as operand_unit on evidence.operand_unit_code = operand_unit.unit_code
