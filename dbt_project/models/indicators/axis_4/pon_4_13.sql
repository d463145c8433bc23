{{ ratio('tokten_trained', 'tokten_missions', unit='PERSONS_PER_MISSION') }}
