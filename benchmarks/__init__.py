"""How fast it is, beside what it replaces and beside the least that a server can do. README.md explains."""
