{{ process_fact({
    'projects': 'reintegration_projects',
    'amount_xof': 'reintegration_amount',
    'jobs': 'jobs_created',
    'women_trained_equipped': 'women_trained_equipped',
}, by=['funder_code']) }}
