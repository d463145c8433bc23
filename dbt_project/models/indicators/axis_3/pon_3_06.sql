{{ declared('women_trained_equipped') }}
