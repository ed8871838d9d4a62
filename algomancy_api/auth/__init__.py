"""Who sends a request, and what they may do.

From the ground up:

- `tokens`: a token, its access, and the keyring that finds it by its secret
- `token_file`: the format of the file with tokens: one a line, in TOML
- `token_reading`: one reading of that file: the tokens that count after it, and its log line
- `token_threads`: the threads that read it
- `token_watch`: when it is read: no request is judged by a reading older than a second
- `identity`: who sent a request, and which sessions they see, in the scope of the request
- `backend`: the authentication backend that knows senders by `Authorization: Bearer`
"""
