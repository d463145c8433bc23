{{ declared('consular_cards_sent') }}
