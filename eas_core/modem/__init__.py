"""The SAME modem: an encoder for tests and the decoder that everything rests on."""
