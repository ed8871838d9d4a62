"""The OpenAPI document under third-party tools: Schemathesis and a validator of the specification."""
