select
    code as sex_code,
    label_fr as name_fr,
    label_en as name_en
from {{ ref('sexes') }}
