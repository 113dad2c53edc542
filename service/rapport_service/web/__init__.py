"""Pages for people: the phone app as static files."""
