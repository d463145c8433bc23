select
    code as area_code,
    iso2,
    unhcr as unhcr_code,
    label_fr as name_fr,
    label_en as name_en,
    kind
from {{ ref('areas') }}
