"""Uploads: from a multipart body to files on disk.

From the ground up:

- `temp_folder`: a folder for uploads that goes with the app
- `multipart`: a form as it arrives: fields into memory, files to disk
- `receive`: a request's upload, checked
"""
