{#-
    From a value of an indicator to the figures that it was made of, and from each to its file: archive, SHA-256,
    address, place and literal. A declared value has one figure, a computed one its operands in order. The place of a
    figure that was transcribed is one in the text that it was read in, whose file the columns `text_…` name.
-#}
-- The decision by which a rejected record came back, of the load that made its present row.
with decided as (
    select distinct on (figure_id)
        decision.delivery_id,
        decision.decision_id,
        delivery.dataset_code || '#' || outcome.row_id as figure_id,
        concat_ws(' ', decision.action, decision.corrections, '·', decision.author, ':', decision.comment) as decision_fr
    from {{ source('meta', 'decision_outcomes') }} as outcome
    inner join {{ source('meta', 'decisions') }} as decision on outcome.decision_id = decision.decision_id
    inner join {{ source('meta', 'deliveries') }} as delivery on decision.delivery_id = delivery.delivery_id
    where outcome.outcome = 'staged'
    order by figure_id asc, outcome.load_id desc
),

-- The newest version of the text that says the figure at its place.
read_in as (
    select distinct on (transcribed.figure_id)
        transcribed.figure_id,
        delivery.delivery_id,
        delivery.file_name,
        delivery.archive_path,
        delivery.sha256,
        delivery.address
    from {{ ref('stg_ministry__figures') }} as transcribed
    inner join {{ ref('stg_ministry__articles') }} as article
        on
            transcribed.article_code = article.article_code
            and transcribed.paragraph_number = article.paragraph_number
            and transcribed.record_literal = substr(
                article.paragraph_text,
                transcribed.span_start::integer + 1,
                (transcribed.span_end - transcribed.span_start)::integer
            )
    inner join {{ source('meta', 'deliveries') }} as delivery on article.delivery_id = delivery.delivery_id
    order by transcribed.figure_id asc, delivery.published_on desc, delivery.delivery_id desc
)

select
    value.indicator_code,
    value.period_code,
    {{ breakdowns('value') }},
    value.concept_code,
    value.origin,
    value.value,
    value.unit_code,
    value.qualifier,
    value.obs_status,
    value.publisher_code,
    value.published_on,
    value.is_current,
    operand.number as operand_number,
    figure.figure_id,
    figure.measure_code as operand_measure_code,
    figure.period_code as operand_period_code,
    figure.value as operand_value,
    figure.unit_code as operand_unit_code,
    figure.publisher_code as operand_publisher_code,
    delivery.delivery_id,
    delivery.edition,
    delivery.published_on as delivery_published_on,
    delivery.fetched_at,
    {{ unless_of_persons('delivery.file_name') }} as file_name,
    {{ unless_of_persons('delivery.archive_path') }} as archive_path,
    delivery.sha256,
    {{ unless_of_persons('delivery.byte_size') }} as byte_size,
    {{ unless_of_persons('delivery.address') }} as address,
    read_in.delivery_id as text_delivery_id,
    read_in.file_name as text_file_name,
    read_in.archive_path as text_archive_path,
    read_in.sha256 as text_sha256,
    read_in.address as text_address,
    decided.decision_id,
    decided.decision_fr,
    coalesce(figure.record_locator, value.record_locator) as operand_locator,
    coalesce(figure.record_literal, value.record_literal) as operand_literal,
    coalesce(figure.dataset_code, value.dataset_code) as operand_dataset_code
from {{ ref('fct_indicator_values') }} as value
left join
    lateral unnest(string_to_array(value.figure_ids, ' ')) with ordinality as operand (figure_id, number)
    on true
left join {{ ref('int_figures') }} as figure on operand.figure_id = figure.figure_id
inner join {{ source('meta', 'deliveries') }} as delivery
    on coalesce(figure.delivery_id, value.delivery_id) = delivery.delivery_id
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
left join decided
    on figure.figure_id = decided.figure_id and figure.delivery_id = decided.delivery_id
left join read_in on figure.figure_id = read_in.figure_id
