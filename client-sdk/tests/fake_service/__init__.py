"""The other side of the wire, in memory: a small Rapport with real keys."""
