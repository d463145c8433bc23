{{ declared('meeting_countries') }}
