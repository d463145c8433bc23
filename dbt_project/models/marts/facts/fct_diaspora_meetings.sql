{{ process_fact({
    'participants': 'meeting_participants',
    'countries': 'meeting_countries',
}) }}
