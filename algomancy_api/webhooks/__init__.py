"""Webhooks: events that are sent to other servers, signed as Standard Webhooks says, and tried again until they arrive.

From the ground up:

- `target`: the URL that events are sent to
- `addresses`: the addresses of a host, and which of them may be connected to
- `signature`: secrets and signatures
- `settings`: `Webhook`, the declaration of a receiver
- `connection`: one request to one address, with a time limit for the whole of it
- `outbox`: events that wait to be sent, and the interface of where they are kept
- `memory`: an outbox in memory
- `delivery`: one try to deliver an event
- `backoff`: when an event is tried again, and when it is given up
- `line`: what is known of a receiver while the server lives
- `dispatcher`: the threads that send
"""

from .settings import Webhook

__all__ = ["Webhook"]
