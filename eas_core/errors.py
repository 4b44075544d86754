"""What the library raises: every documented error is an EasError."""


class EasError(ValueError):
    """Base of every error that this library documents.

    The text is one sentence that tells the user what to do.
    """
