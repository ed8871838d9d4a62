"""The OpenAPI document, tried by tools that others have made."""
