select
    code as sector_code,
    label_fr as name_fr,
    label_en as name_en,
    rank
from {{ ref('sectors') }}
