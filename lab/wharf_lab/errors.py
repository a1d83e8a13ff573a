"""The one exception a person is meant to read."""


class LabError(Exception):
    """Something the caller can act on; printed without a traceback."""
