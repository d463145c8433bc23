{{ declared('refugees_in_mali') }}
