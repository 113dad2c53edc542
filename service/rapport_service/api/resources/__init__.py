"""Views: one file a resource; each parses, calls a use case, dumps."""
