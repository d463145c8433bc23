select
    code as unit_code,
    label_fr as name_fr,
    label_en as name_en,
    symbol_fr,
    decimals
from {{ ref('units') }}
