"""The OpenAPI document, and the page that shows it.

From the ground up:

- `operation`: `@operation`, the documentation of a handler
- `security`: the security scheme of the document, with 401 and 403
- `document`: the document, made from the routes and the Structs
"""
