select
    code as funder_code,
    label_fr as name_fr,
    short_label_fr as short_name_fr,
    label_en as name_en,
    rank
from {{ ref('funders') }}
