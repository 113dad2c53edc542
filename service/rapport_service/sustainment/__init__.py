"""Effects of declared events on teams over waves: repository, service, analysis."""
