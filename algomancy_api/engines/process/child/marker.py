"""Imported in a child and in the server that forks children, before any module of the user's, and nowhere else.

Whoever finds it among the imported modules is in one of them.
"""
