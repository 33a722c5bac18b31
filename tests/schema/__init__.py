"""Tests of the SDL: what it is, how it is written, and what may change in it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The directory of the project."""

SDL = (ROOT / "schema.graphql").read_text(encoding="utf-8")
"""The committed SDL."""
