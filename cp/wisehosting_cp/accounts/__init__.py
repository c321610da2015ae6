"""Who asks and what they may (the files here), and the rooms of acts: signing in, sessions, second factors, teams, tokens, people."""
