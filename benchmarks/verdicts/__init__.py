"""Bounds that verdicts, intervals, levels and arrows have to keep: `bench-verdicts`."""
