"""What objects know and show without asking the server: the same for both clients.

- `markup`: pieces of pages for notebooks
- `session`: a session
- `scenario`: a scenario
- `scenarios`: several of them
- `kpis`: their parameters and KPIs, as rows
- `dataset`: a dataset
- `datasets`: several of them
- `comparison`: scenarios side by side
- `plot`: a picture of that
"""
