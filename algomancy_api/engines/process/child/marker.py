"""A marker of child processes.

It is imported in a child and in the fork server, before all user modules, and nowhere else. So its presence in
`sys.modules` tells such a process from a server.
"""
