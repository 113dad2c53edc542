"""What figures mean, in sentences that a supervisor can read aloud.

Sentences are made of what a document shows and nothing else. Those of scores, of the
reliability report and of sustainment are frozen into it, so that a better wording never
changes what was published. A trend and a heat map are lists of such documents, made
when somebody asks, and so are the sentences about the list.
"""
