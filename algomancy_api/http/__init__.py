"""HTTP beneath the routes: from a path to its endpoint, from a body to a Struct, from an error to its answer.

From the ground up:

- `paths`: names in a path, whatever characters they hold, wherever the app is mounted
- `negotiation`: what a client accepts
- `draining`: a refusal that reaches a client which is still sending (a lingering close)
- `large_bodies`: large bodies of answers, sent in pieces and held once for all their readers
- `responses`: JSON responses, encoded already
- `streaming`: responses in pieces that are made as they are sent
- `errors`: the one table from cause to status, and the one shape of an error
- `conditional`: ETag, If-None-Match and 304
- `request_body`: a request's body as a Struct
- `shutdown`: a server that is being stopped takes no new work
- `router`: one look-up from a request to its route
- `route_access`: the access that a request takes, by its route
"""
