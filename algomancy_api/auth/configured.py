"""The authentication of a configuration."""

from os import PathLike

from starlette.authentication import AuthenticationBackend

from ..config import ApiConfiguration
from .backend import TokenAuthentication
from .logins import Logins


def authentication_of(
    configuration: ApiConfiguration, tokens_file: str | PathLike[str] | None
) -> AuthenticationBackend | None:
    """The authentication backend of a configuration; None if it has neither tokens nor a backend.

    Args:
        configuration: The configuration.
        tokens_file: The path of the token file, from the configuration or the environment.

    Raises:
        ValueError: The tokens have an error, or cookies take the place of tokens that there are not.
    """
    backend: AuthenticationBackend | None = configuration.authentication
    if backend is not None:
        return backend
    if configuration.tokens or tokens_file is not None:
        logins = Logins(configuration.cors_origins) if configuration.cookie_auth else None
        return TokenAuthentication(configuration.tokens, tokens_file, logins)
    if configuration.cookie_auth:
        raise ValueError("cookie_auth requires tokens: give tokens, or a tokens_file")
    return None
