"""What an event did: markers and released scores become a document. Pure rules."""
