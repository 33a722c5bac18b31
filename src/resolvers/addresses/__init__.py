"""Addresses: the address books of customers."""
