{{ declared('returned_persons') }}
