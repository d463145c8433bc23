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
    delivery.byte_size,
    delivery.file_name,
    delivery.address,
    delivery.published_on,
    delivery.fetched_at,
    delivery.status,
    delivery.status_reason,
    delivery.records_read,
    delivery.rows_staged,
    delivery.rows_unchanged,
    delivery.rows_rejected
from {{ source('meta', 'deliveries') }} as delivery
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
