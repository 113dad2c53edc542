"""What a program reads and puts: scores, their history, releases and the roster."""
