"""The recipes of docs/solvers.md, as the page shows them: an algorithm for each solver."""
