"""The OpenAPI document under third-party tools: a validator, linters, generators of clients, and Schemathesis."""
