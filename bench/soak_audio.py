"""What the channels of a soak sound like, second by second."""

from typing import Final

import numpy as np

from bench.soak_script import AUDIO_RATE, CHANNELS, Audio, Script, render

HISS: Final = 0.003
"""Of a carrier without a message."""


class ScriptedAudio:
    """The audio of a script's channels, in the order in which it is sent."""

    def __init__(self, script: Script) -> None:
        """Begin with the first moment."""
        self._seed = script.seed
        rng = np.random.default_rng(script.seed)
        self._hiss = HISS * rng.standard_normal((CHANNELS, AUDIO_RATE), np.float32)
        self._waiting = list(reversed(script.sent))
        self._on: list[tuple[int, int, Audio]] = []
        self._sample = 0

    @property
    def air(self) -> float:
        """The second that comes next."""
        return self._sample / AUDIO_RATE

    def take(self, seconds: float) -> Audio:
        """Return the next seconds at AUDIO_RATE, float32[CHANNELS, n]."""
        end = self._sample + round(seconds * AUDIO_RATE)
        while self._waiting and self._waiting[-1].start * AUDIO_RATE < end:
            sent = self._waiting.pop()
            first = round(sent.start * AUDIO_RATE)
            self._on += [
                (channel, first, render(sent, self._seed, channel))
                for channel in sent.channels
            ]
        at = np.arange(self._sample, end) % AUDIO_RATE
        audio = self._hiss[:, at]
        for channel, first, message in self._on:
            low, high = max(self._sample, first), min(end, first + len(message))
            if low < high:
                part = message[low - first : high - first]
                audio[channel, low - self._sample : high - self._sample] += part
        self._on = [one for one in self._on if one[1] + len(one[2]) > end]
        self._sample = end
        return audio
