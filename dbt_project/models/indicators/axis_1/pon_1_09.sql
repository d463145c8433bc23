{{ ratio('consular_cards_sent', 'consular_card_requests', unit='PCT', times=100) }}
