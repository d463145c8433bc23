{#- What the method computed, horizon by horizon. Filled by methods/projections.py, which alone writes here. -#}
{{ method_output({
    'series_key': 'text',
    'fingerprint': 'text',
    'horizon': 'integer',
    'year': 'integer',
    'value': 'numeric',
    'lower_80': 'numeric',
    'upper_80': 'numeric',
    'lower_95': 'numeric',
    'upper_95': 'numeric',
    'method_code': 'text',
    'library': 'text',
    'code_digest': 'text',
    'computed_at': 'timestamptz',
}) }}
