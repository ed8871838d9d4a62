"""Tests of the parts of the manager of one session."""
