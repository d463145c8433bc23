{{ declared('trainings_announced') }}
