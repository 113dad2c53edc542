"""Sentences about the figures of a document, for a supervisor to read aloud.

A sentence rests on the content of its document and nothing else. The sentences of
scores, of the reliability report and of sustainment are frozen into the document, so
that a better wording never changes a publication. A trend and a heat map are lists of
such documents, made on request, and so are the sentences about the list.

The codes of the sentences are closed lists, because programs rely on them: add to them,
never rename or reuse one.
"""
