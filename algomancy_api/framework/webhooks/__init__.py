"""Events of the scenarios of a session, put into the outbox of the app.

From the ground up:

- `ended_event`: the event of a run that has ended
- `session_events`: the events of one session, for the receivers that want them
- `notifying_sessions`: a session manager with an outbox
"""
