"""The URL of a database, in errors and logs."""

import sqlalchemy as sa

#: Settings in the query of a URL that are secrets.
_SECRETS = ("password", "sslpassword")


def shown(url: sa.URL) -> str:
    """A URL without its passwords."""
    return url.difference_update_query(_SECRETS).render_as_string(hide_password=True)
