"""A pulse as a person meets it: what is promised, asked, answered and told of it."""
