{#-
    The back-test, trial by trial: what the method and the naive forecasts would have said, at the end of `origin_year`,
    of a year since observed. Filled by methods/projections.py, which alone writes here.
-#}
{{ method_output({
    'series_key': 'text',
    'fingerprint': 'text',
    'model_code': 'text',
    'origin_year': 'integer',
    'horizon': 'integer',
    'observed': 'numeric',
    'forecast': 'numeric',
    'lower_80': 'numeric',
    'upper_80': 'numeric',
    'lower_95': 'numeric',
    'upper_95': 'numeric',
    'scale': 'numeric',
}) }}
