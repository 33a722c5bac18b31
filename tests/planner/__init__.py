"""Tests of the planner's parts, each on its own; the differential proof tests the whole."""
