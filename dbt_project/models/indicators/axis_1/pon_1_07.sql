{{ declared('consular_card_requests') }}
