"""Uploads: multipart bodies, stored as files on disk.

From the ground up:

- `temp_folder`: the temporary folder of an app's uploads
- `multipart`: the streaming parser of a form: fields to memory, files to disk
- `receive`: the upload of a request, checked
- `tables`: the tables of a request, in a form or in an archive
"""
