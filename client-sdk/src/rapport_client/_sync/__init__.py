"""What happens when there is a signal: what waits is sent, ballots are drawn."""
