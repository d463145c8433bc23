select
    code as publisher_code,
    label_fr as name_fr,
    label_en as name_en,
    kind,
    rank
from {{ ref('publishers') }}
