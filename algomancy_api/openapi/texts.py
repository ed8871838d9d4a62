"""What the document says of the server, of groups of operations, and of parameters in paths."""

#: The server.
DESCRIPTION = """\
A session holds datasets and scenarios. A scenario (a dataset, an algorithm, parameter values) runs in the background
and ends with a result and KPIs.

Path parameters may have any character, percent-encoded, `/` as `%2F` included. The body of every error response, of
status 400 and above, is `{"detail": "<message>"}`. In place of JSON, clients may send and accept MessagePack, as
`application/msgpack`. Every response has an `X-Request-ID`, the client's own or a new one, which the server's log lines
of the request have, too."""

#: Groups of operations, by name.
TAGS = {
    "sessions": "Independent workspaces, each with its own datasets and scenarios.",
    "algorithms": "Algorithms with their parameters, and KPIs.",
    "scenarios": "Runs of an algorithm over a dataset: create, run, watch, compare.",
    "data": "Datasets: upload, download, derive.",
    "webhooks": "Receivers of events, for admins.",
    "meta": "The server itself.",
}

#: Path parameters: description, and a value that exists in the bundled example.
PARAMETERS = {
    "session_id": ("The id or the display name of a session.", "main"),
    "scenario_id": ("The id of a scenario.", "0b7ff1f4-5d0c-4b8e-9d0a-6a3f0c1c2a58"),
    "algorithm_name": ("The name of an algorithm.", "Slow"),
    "data_key": ("The key of a dataset.", "Master data"),
    "table": ("The name of a table.", "cities"),
    "webhook": ("The name of a webhook.", "planning.example.org"),
}
