"""Statistics: from one wave's answers to scores and their standard errors."""
