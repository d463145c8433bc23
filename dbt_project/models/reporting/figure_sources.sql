{#-
    Who says each figure, and of when it is, in French: what only the ministry or the press says that an institution
    published is never put down to that institution alone. The day of a quotation is the day on which the institution
    spoke, as the reference prints it; where it is not known, that is said.
-#}
with citation as (
    select
        figure_id,
        authority_code,
        coalesce(stated_on_label, {{ french_date('stated_on') }}, 'date inconnue') as dated_fr
    from {{ ref('stg_ministry__remittance_citations') }}
    where authority_code != media_code
)

select
    figure.figure_id,
    figure.delivery_id,
    figure.record_locator,
    case
        when citation.figure_id is not null then concat(authority.name_fr, ', d’après ' || publisher.name_fr)
        when figure.publisher_code = dataset.publisher_code then delivery.said_by_fr
        else publisher.name_fr
    end as said_by_fr,
    coalesce(citation.dated_fr, delivery.dated_fr) as dated_fr,
    case
        when citation.figure_id is not null
            then concat(authority.name_fr, ' (', citation.dated_fr, ')', ', d’après ' || publisher.name_fr)
        when figure.publisher_code != dataset.publisher_code
            then concat(publisher.name_fr, ', ', {{ french_published('figure.published_on') }})
        else delivery.source_fr
    end as source_fr
from {{ ref('int_figures') }} as figure
inner join {{ source('meta', 'datasets') }} as dataset on figure.dataset_code = dataset.dataset_code
inner join {{ ref('rpt_deliveries') }} as delivery on figure.delivery_id = delivery.delivery_id
inner join {{ ref('dim_publisher') }} as publisher on figure.publisher_code = publisher.publisher_code
left join citation on figure.figure_id = citation.figure_id
left join {{ ref('dim_publisher') }} as authority on citation.authority_code = authority.publisher_code
