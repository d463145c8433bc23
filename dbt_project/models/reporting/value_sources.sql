-- What the figures of a value say of their source, put together: one row per figure, or per list of operands.
select
    value.figure_ids,
    value.origin,
    string_agg(distinct source.said_by_fr, ' ; ') as said_by_fr,
    string_agg(distinct source.dated_fr, ' ; ') as dated_fr,
    concat(
        case value.origin when 'computed' then 'Recalcul de l’entrepôt d’après : ' end,
        string_agg(distinct source.source_fr, ' ; ')
    ) as source_fr
from (
    select distinct
        figure_ids,
        origin
    from {{ ref('fct_indicator_values') }}
) as value
cross join lateral unnest(string_to_array(value.figure_ids, ' ')) as operand (figure_id)
inner join {{ ref('figure_sources') }} as source on operand.figure_id = source.figure_id
group by value.figure_ids, value.origin
