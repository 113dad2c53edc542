"""Envelopes: answers sealed to a wave's sealing key (HPKE, RFC 9180, base mode)."""
