"""Cut a sentence into the words and signs that clauses are read from."""

import re
from string import ascii_lowercase, ascii_uppercase

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d[\w.,]*|[,;:.()–—→+&/-]|->")
_PLAIN = str.maketrans(ascii_uppercase + "’‘“”", ascii_lowercase + "''\"\"")
_QUOTED = re.compile(r"\"[^\"]{2,300}\"|(?<=\s)'[^']{12,300}'(?=[\s.,;]|$)")
_CONTRACTIONS: dict[str, tuple[str, str]] = {
    short: (first, second)
    for short, _, long in (
        entry.partition("=")
        for entry in """
    i'm=i+am i've=i+have i'd=i+had i'll=i+will we're=we+are we've=we+have we'd=we+had we'll=we+will
    they're=they+are they've=they+have they'd=they+had they'll=they+will he's=he+is she's=she+is it's=it+is
    he'd=he+had she'd=she+had that's=that+is there's=there+is who'd=who+had who's=who+is let's=we+will
    wasn't=was+not weren't=were+not didn't=did+not don't=do+not couldn't=could+not wouldn't=would+not
    isn't=is+not hadn't=had+not haven't=have+not can't=can+not won't=will+not hasn't=has+not
    """.split()
    )
    for first, _, second in (long.partition("+"),)
}


def find_words(sentence: str) -> tuple[list[str], list[int]]:
    """Return the words and signs of a sentence in lower case, contractions as two words, and where each begins.

    Quoted speech is left out.
    """
    # Only ASCII letters are read as words, and only they change, so that places stay what they are.
    text = sentence.lower() if sentence.isascii() else sentence.translate(_PLAIN)
    if '"' in text or " '" in text:
        text = _QUOTED.sub(lambda match: " " * len(match.group()), text)
    words: list[str] = []
    starts: list[int] = []
    for match in _WORD.finditer(text):
        word = match.group()
        start = match.start()
        if word in _CONTRACTIONS:
            first, second = _CONTRACTIONS[word]
            words += first, second
            starts += start, start + len(first)
        else:
            words.append(word)
            starts.append(start)
    return words, starts
