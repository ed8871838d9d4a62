"""Modules that the servers under test import by bare name.

`bare` and `wiring` run in both environments, so they import nothing that only one environment has.
"""
