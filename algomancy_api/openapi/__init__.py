"""The OpenAPI document and its page.

From the ground up:

- `operation`: what a route says of itself for the document
- `security`: what the document says of tokens
- `document`: the document, from the routes and the Structs
"""
