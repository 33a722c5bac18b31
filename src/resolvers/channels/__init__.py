"""Channels: the shops that everything belongs to."""
