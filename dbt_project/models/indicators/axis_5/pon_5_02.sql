{{ declared('meeting_participants') }}
