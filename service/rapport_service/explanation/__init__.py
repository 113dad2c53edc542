"""What figures mean, in sentences that a supervisor can read aloud.

Sentences are made of what a document shows and nothing else. They are frozen into it,
so that a better wording never changes what was published.
"""
