"""A ballot and its key: made on the device, signed blind, the same bytes for ever."""
