{{ process_fact({
    'passport_requests': 'passport_requests',
    'passports_issued': 'passports_issued',
    'consular_card_requests': 'consular_card_requests',
    'consular_cards_sent': 'consular_cards_sent',
}) }}
