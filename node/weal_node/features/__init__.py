"""From words to numbers: the encoder, the public projection, the features of an item."""
