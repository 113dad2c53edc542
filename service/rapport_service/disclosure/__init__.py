"""Which groups may be shown, and how coarsely: rules that look at counts alone."""
