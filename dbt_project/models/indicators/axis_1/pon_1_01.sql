{{ declared('assisted_persons') }}
