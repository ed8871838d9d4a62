"""The OpenAPI document, and the page that shows it.

From the ground up:

- `operation`: `@operation`, the documentation of a handler
- `idempotency`: the key of a request, which every POST takes
- `security`: the security scheme of the document, with 401 and 403
- `texts`: what it says of the server, of groups of operations, and of parameters in paths
- `components`: the schemas of the Structs, in the form that generators of clients understand
- `examples`: examples of responses about runs
- `document`: the document, made from the routes and the Structs
"""
