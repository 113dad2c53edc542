"""Team scores as released. Sees the record and the agency, nothing else."""
