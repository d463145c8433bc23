select
    code as obs_status,
    label_fr as name_fr,
    label_en as name_en,
    rank
from {{ ref('obs_statuses') }}
