"""Hypothesis strategies for what people paste: every line ending, mark-up, script and half-finished sentence."""

from hypothesis import settings
from hypothesis import strategies as st

PIECES = (
    *("\n", "\r\n", "\r", "\n\n", "\t", " ", "  ", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u200b", "\ufeff"),
    *("- ", "* ", "1. ", "(a) ", "> ", "## ", "#", "```\n", "~~~\n", "---\n", "- [ ] ", "| a | b |\n", "  - ", "\\"),
    *("**Result:** ", "Situation: ", "S - ", "What I learned:\n", "__Task__\n", "T/A: ", "*", "_", "`"),
    *("e.g. ", "5 a.m. ", "Dr. ", "etc. ", "…", "。", ". ", "? ", "!", ": ", "; ", ") ", "(", "-> ", "→ ", "-", "–"),
    *("I fixed it. ", "We cut it by 30 %! ", "was it me? ", "and then i went ", "because they ", "“quoted.” ", "'s "),
    *("The tests were rewritten by me. ", "i'm ", "I’ve ", "don't ", "so we ", "who ", "by ", "had to ", "to "),
    *("$4.2m ", "12/03/2024 ", "3.11 ", "Q3 ", "from 5 to 2 ", "half a year ", "1,000 ", "twenty-five ", "1 in 40 "),
    *("👩‍👩‍👧‍👦", "e\u0301", "é", "\u0301", "שלום ", "مرحبا ", "\u202e", "नमस्ते ", "你好", "İ", "ß", "ﬁ", "x" * 70),
)

arbitrary_texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=200))
"""Texts of any kind, short enough for a hundred examples a second."""

unhurried = settings(deadline=None, derandomize=True, max_examples=100)
"""The same examples every time, however slow the machine."""
