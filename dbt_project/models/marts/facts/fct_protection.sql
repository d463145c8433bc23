{{ process_fact({
    'assisted_persons': 'assisted_persons',
    'deaths_in_mediterranean': 'deaths_mediterranean',
}) }}
