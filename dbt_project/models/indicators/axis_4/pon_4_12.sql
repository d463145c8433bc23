{{ declared('tokten_trained') }}
