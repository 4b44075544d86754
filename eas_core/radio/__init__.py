"""From radio samples to the audio of each channel."""
