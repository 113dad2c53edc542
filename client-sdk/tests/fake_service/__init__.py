"""In-memory service with real keys, and helpers that use it."""
