"""Pure reading of a story: text in, observations out."""
