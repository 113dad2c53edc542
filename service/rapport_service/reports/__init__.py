"""Reports as they were released. Reads the registry and the agency, nothing else."""
