"""Write apostrophes and quotation marks in one way, so that every reading is the same for all of them."""

_CURLY = tuple(zip("’‘‛ʼ＇“”„‟", "'''''\"\"\"\"", strict=True))


def straighten(text: str) -> str:
    """Return a text with straight apostrophes and quotation marks; every place stays what it is."""
    if not text.isascii():
        for curly, straight in _CURLY:
            text = text.replace(curly, straight)
    return text
