"""The pages for people.

From the ground up:

- `files`: their files, and the headers of a page
- `docs`: the OpenAPI document, and Swagger UI
- `console`: datasets, scenarios and comparisons
"""
