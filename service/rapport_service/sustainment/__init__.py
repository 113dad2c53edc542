"""Effects of declared events over waves: repository, use case, pure analysis."""
