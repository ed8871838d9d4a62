"""The pages for people.

- `files`: their files, and the headers of a page.
- `docs`: the OpenAPI document, and Swagger UI.
- `console`: datasets, scenarios and comparisons.
"""
