"""HTTP beneath the routes: path to endpoint, request body to Struct, exception to error response.

From the ground up:

- `paths`: path parameters with any characters, wherever the app is mounted
- `negotiation`: content negotiation: media types and content codings
- `draining`: lingering close: an error response that reaches a client which is still sending
- `large_bodies`: large response bodies, sent in pieces and held once for all clients that read them
- `responses`: JSON responses from encoded bytes, and 204
- `streaming`: responses whose body is generated while it is sent
- `errors`: exception to status, and the JSON body of every error
- `conditional`: conditional requests: ETag, If-None-Match and 304
- `request_body`: request body to Struct, and its Content-Type
- `shutdown`: 503 for new work while the server is shutting down, and for work that outlasts the shutdown
- `router`: one lookup from a request to its route
- `route_access`: the access that a request requires, by its route
"""
