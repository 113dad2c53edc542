"""The poll book door: knows who you are, never sees an answer."""
