"""The pages for people: the docs and the console."""
