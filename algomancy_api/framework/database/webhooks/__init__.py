"""Events for webhooks, in the database of the scenarios that they tell of.

From the ground up:

- `table`: the tables of deliveries and of receivers that are disabled
- `stored_outbox`: the deliveries, read and changed
- `stored_events`: the events of one session, written in the transactions of what they tell of
"""
