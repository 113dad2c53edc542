"""Weight of the phone app: what a first visit fetches, gzipped.

Run by ``make web-weight``.

The last line is the total; the exit status is 1 if that is above the limit.
"""

import gzip
import sys

from rapport_service.api.compression import PAGE_GZIP_LEVEL
from rapport_service.web.assets import Asset, load_assets, load_worker

LIMIT = 60_000


def list_files() -> list[Asset]:
    """All files that a first visit fetches, the service worker among them."""
    return [*load_assets().values(), load_worker()]


def weigh(asset: Asset) -> int:
    """The bytes of a file as the service sends it."""
    return len(gzip.compress(asset.data, PAGE_GZIP_LEVEL, mtime=0))


def main() -> int:
    """Prints each file's weight and the total."""
    weights = sorted(((weigh(each), each.path) for each in list_files()), reverse=True)
    total = sum(weight for weight, _ in weights)
    lines = [f"{weight:7,} {path}" for weight, path in weights]
    lines.append(f"total {-(-total // 1000)} kB of {LIMIT // 1000} kB")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return int(total > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
