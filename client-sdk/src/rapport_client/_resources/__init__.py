"""Resources of the API, for programs: the methods of both clients, without I/O."""
