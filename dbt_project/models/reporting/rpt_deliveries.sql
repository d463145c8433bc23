{{ config(materialized='view') }}
{#-
    The ledger in French. A view on the ledger itself: a refused delivery starts no transformation and must show at
    once. It reads no table that a build replaces, so that a build that stops half-way cannot take it away.
-#}
with check_count as (
    select
        delivery_id,
        count(*) filter (where passed) as checks_passed,
        count(*) filter (where not passed) as checks_failed
    from {{ source('meta', 'check_results') }}
    where delivery_id is not null
    group by delivery_id
),

-- Replaced as a whole: by a newer complete delivery, or by a revision of the same edition.
superseded as (
    select distinct older.delivery_id
    from {{ source('meta', 'deliveries') }} as older
    inner join {{ source('meta', 'datasets') }} as dataset on older.dataset_code = dataset.dataset_code
    inner join {{ source('meta', 'deliveries') }} as newer
        on
            older.dataset_code = newer.dataset_code
            and newer.status = 'accepted'
            and (newer.published_on, newer.delivery_id) > (older.published_on, older.delivery_id)
            and (dataset.delivery_mode = 'complete' or older.edition = newer.edition)
)

select
    delivery.delivery_id,
    delivery.dataset_code,
    dataset.title_fr as dataset_name_fr,
    dataset.source_code,
    publisher.label_fr as publisher_name_fr,
    concat(publisher.label_fr, ', d’après ' || relay.relayed_by_fr) as said_by_fr,
    delivery.edition,
    delivery.published_on,
    {{ french_dated('delivery.published_on') }} as published_on_fr,
    -- What is printed of its date: a file that was composed of another's words has no day of its own.
    coalesce(relay.dated_fr, {{ french_dated('delivery.published_on') }}) as dated_fr,
    case
        when relay.sha256 is null
            then concat(publisher.label_fr, ', ', {{ french_published('delivery.published_on') }})
        else concat(publisher.label_fr, ', d’après ', relay.relayed_by_fr, ' (', relay.dated_fr, ')')
    end as source_fr,
    delivery.fetched_at,
    delivery.status,
    status.label_fr as status_name_fr,
    {{ reason_of_delivery('delivery.status_reason') | indent(4) }} as status_reason,
    {{ unless_of_persons('delivery.records_read') }} as records_read,
    {{ unless_of_persons('delivery.rows_staged') }} as rows_staged,
    {{ unless_of_persons('delivery.rows_unchanged') }} as rows_unchanged,
    {{ unless_of_persons('delivery.rows_rejected') }} as rows_rejected,
    coalesce(check_count.checks_passed, 0) as checks_passed,
    coalesce(check_count.checks_failed, 0) as checks_failed,
    delivery.sha256,
    {{ unless_of_persons('delivery.address') }} as address,
    delivery.status = 'accepted' and superseded.delivery_id is null as is_in_service
from {{ source('meta', 'deliveries') }} as delivery
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
inner join {{ labels_of(ref('publishers')) }} as publisher (code, label_fr) on dataset.publisher_code = publisher.code
inner join {{ labels_of(ref('delivery_statuses')) }} as status (code, label_fr) on delivery.status = status.code
left join
    {{ labels_of(ref('relayed_deliveries'), ['sha256', 'relayed_by_fr', 'dated_fr']) }} as relay (
        sha256, relayed_by_fr, dated_fr
    )
    on delivery.sha256 = relay.sha256
left join check_count on delivery.delivery_id = check_count.delivery_id
left join superseded on delivery.delivery_id = superseded.delivery_id
