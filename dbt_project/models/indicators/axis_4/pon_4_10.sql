{{ declared('tokten_structures') }}
