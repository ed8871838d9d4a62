"""What goes over the wire, described without sending it.

- `calls`: a request, as data
- `queries`: conditions of lists and parts of tables, as queries
- `answers`: the Structs of answers
- `bodies`: bodies of requests, and the forms of uploads
- `grids`: the scenarios of a sweep
- `events`: Server-Sent Events, from lines
- `states`: what events say of scenarios
- `faults`: the error that an answer means
"""
