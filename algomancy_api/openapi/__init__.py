"""The OpenAPI document and its page.

From the ground up:

- `operation`: the decorator that describes a handler for the document
- `security`: what the document says of tokens
- `document`: the document, from the routes and the Structs
"""
