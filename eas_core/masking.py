"""Texts that may hold an address, without what is secret in it."""

import re
from typing import Final

_USER: Final = re.compile(r"(?<=://)[^\s/]*@")
_QUERY: Final = re.compile(r"(?<=[?&])([^\s=&]+)=[^\s&]+")


def mask_secrets(text: str) -> str:
    """Return a text with `***` for users, passwords and queries of the addresses in it."""
    return _QUERY.sub(r"\1=***", _USER.sub("***@", text))
