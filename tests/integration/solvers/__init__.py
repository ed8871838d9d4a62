"""Real solvers on the engines: the recipes of docs/solvers.md, each skipped where its packages are not installed."""
