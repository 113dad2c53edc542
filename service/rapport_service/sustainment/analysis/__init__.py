"""Analysis of an event: markers and released scores become a document. Pure rules."""
