select
    delivery.delivery_id,
    delivery.dataset_code,
    dataset.title_fr as dataset_name_fr,
    dataset.source_code,
    dataset.publisher_code,
    dataset.licence,
    delivery.edition,
    delivery.revision_of,
    delivery.sha256,
    {{ unless_of_persons('delivery.byte_size') }} as byte_size,
    {{ unless_of_persons('delivery.file_name') }} as file_name,
    {{ unless_of_persons('delivery.address') }} as address,
    delivery.published_on,
    delivery.fetched_at,
    delivery.status,
    {{ reason_of_delivery('delivery.status_reason') | indent(4) }} as status_reason,
    {{ unless_of_persons('delivery.records_read') }} as records_read,
    {{ unless_of_persons('delivery.rows_staged') }} as rows_staged,
    {{ unless_of_persons('delivery.rows_unchanged') }} as rows_unchanged,
    {{ unless_of_persons('delivery.rows_rejected') }} as rows_rejected
from {{ source('meta', 'deliveries') }} as delivery
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
