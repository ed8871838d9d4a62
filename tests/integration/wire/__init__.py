"""Tests of the server at the level of bytes on its port."""
