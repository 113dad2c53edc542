"""The protocol without input or output: generators that yield requests."""
