"""Hear, decode and describe the SAME messages of the US Emergency Alert System.

The library knows nothing of Home Assistant. Its rooms, each importing only
from those before it: `same` (headers and codes), `modem` (audio to headers and
back), `audio` and `radio` (samples), `sources` (where audio comes from),
`station` (the engine) and `cli`.
"""

__version__ = "0.1.0"
