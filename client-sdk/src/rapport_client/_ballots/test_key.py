"""The published test key: both halves are public on purpose, and it protects nothing.

Envelopes that are made for it can be opened by anybody, and by ``envelopes.check``. No
wave ever has it: a charter with this key is refused.
"""

from rapport_client._ballots.envelope import SealingKey
from rapport_client._protocol import base64url

TEST_PRIVATE_SCALAR = int(
    "5c13a677a88d2f28a5507fc4f4095e05a655d1aadf4f395dcd7f2ba711813a70", 16
)
"""SHA-256 of the ASCII text ``rapport test key``."""

TEST_KEY = SealingKey(
    x=base64url.decode("qwFfLHXqCkp8OR2TXULh5UlI11UrRtlyz6xTJny4Ahs"),
    y=base64url.decode("d2neQDiGk-KyvoqJ_hRgnYJJ5oAygx6qmfFS74NeyvM"),
)
