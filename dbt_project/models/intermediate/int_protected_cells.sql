{#-
    The cells of `int_person_cells` as they may be shown: `persons` is empty where `conf_status` is C (a count under the
    threshold) or D (one that would give such a count away). Where the method has not run nothing is shown, however many
    persons there are.
-#}
{{ method_output({
    'family_code': 'text',
    'year': 'integer',
    'period_code': 'text',
    'region_code': 'text',
    'cercle_code': 'text',
    'sector_code': 'text',
    'sex_code': 'text',
    'counterpart_area_code': 'text',
    'threshold': 'integer',
    'counted': 'bigint',
    'persons': 'bigint',
    'conf_status': 'text',
}) }}
