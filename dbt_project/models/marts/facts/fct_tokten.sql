{{ process_fact({
    'experts': 'tokten_experts',
    'new_experts': 'tokten_new_experts',
    'structures': 'tokten_structures',
    'new_structures': 'tokten_new_structures',
    'missions': 'tokten_missions',
    'persons_trained': 'tokten_trained',
}, by=['sector_code']) }}
