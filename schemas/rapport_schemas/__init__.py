"""The wire contract: what crosses Rapport's doors, and what can go wrong there."""
