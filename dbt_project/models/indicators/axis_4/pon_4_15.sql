{{ declared('diaspora_investment') }}
