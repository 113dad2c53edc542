"""Sync: sends the items that wait, draws ballots, and paces both."""
