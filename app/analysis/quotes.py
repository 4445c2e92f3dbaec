"""Write apostrophes and quotation marks in one way, so that every reading is the same for all of them."""

_STRAIGHT = str.maketrans("’‘‛ʼ＇“”„‟", "'''''\"\"\"\"")


def straighten(text: str) -> str:
    """Return a text with straight apostrophes and quotation marks; every place stays what it is."""
    return text if text.isascii() else text.translate(_STRAIGHT)
