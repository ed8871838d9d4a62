"""Tests of the changes of scenarios."""
