"""HTTP: one module per resource; a view is parse, call, dump. Flask lives here."""
