"""The record of waves that every room may know. Rows, no rules."""
