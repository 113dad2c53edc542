"""Runs ``rapport-field``: ``python -m rapport_client``."""

import sys

from rapport_client._cli import main

if __name__ == "__main__":
    sys.exit(main())
