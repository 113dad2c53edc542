"""The ballot box door: takes answers, never asks who you are."""
