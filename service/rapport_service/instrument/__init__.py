"""The pulse: its question bank, forms, and the reading of what people answered."""
