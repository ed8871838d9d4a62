"""Authentication: the sender of a request, its access, and the sessions that it sees.

From the ground up:

- `tokens`: a token, and the keyring that finds it by its secret
- `token_file`: the format of the token file: TOML, one token on each line
- `token_reading`: one reading of the token file: its valid tokens, and its log line
- `token_threads`: the threads that read the token file
- `token_watch`: when the token file is read again: no request is checked by a reading older than a second
- `identity`: the sender of a request and its visible sessions, in the scope of the request
- `logins`: what the cookies of browsers stand for
- `origins`: whether a page of another origin has sent a request
- `backend`: Starlette's authentication backend for `Authorization: Bearer` and cookies
- `configured`: the authentication of a configuration
- `tickets`: tickets, which stand for a token in the URL of an event stream, once
"""
