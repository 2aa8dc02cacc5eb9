"""Sealed copies of database and files: made every night, restored into an empty place, drilled."""
