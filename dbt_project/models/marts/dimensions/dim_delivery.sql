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
    {{ said_of_file('delivery.byte_size') }} as byte_size,
    {{ said_of_file('delivery.file_name') }} as file_name,
    {{ said_of_file('delivery.address') }} as address,
    delivery.published_on,
    delivery.fetched_at,
    delivery.status,
    {{ reason_of_delivery('delivery.status_reason') | indent(4) }} as status_reason,
    {{ count_of_rows('delivery.records_read') }} as records_read,
    {{ count_of_rows('delivery.rows_staged') }} as rows_staged,
    {{ count_of_rows('delivery.rows_unchanged') }} as rows_unchanged,
    {{ count_of_rows('delivery.rows_rejected') }} as rows_rejected
from {{ source('meta', 'deliveries') }} as delivery
inner join {{ source('meta', 'datasets') }} as dataset on delivery.dataset_code = dataset.dataset_code
