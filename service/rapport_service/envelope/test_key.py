"""The published test key: both halves are public on purpose, it protects nothing.

Integrators seal trial envelopes to it, which ``POST /v1/envelopes/check`` opens. No
wave ever has it.
"""

from cryptography.hazmat.primitives.asymmetric import ec

TEST_PRIVATE_SCALAR = int(
    "5c13a677a88d2f28a5507fc4f4095e05a655d1aadf4f395dcd7f2ba711813a70", 16
)
"""SHA-256 of the ASCII text ``rapport test key``."""

TEST_KEY = ec.derive_private_key(TEST_PRIVATE_SCALAR, ec.SECP256R1())
