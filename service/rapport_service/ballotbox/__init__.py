"""Ballot box door: submissions and withdrawals; takes answers, never knows people."""
