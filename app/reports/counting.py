"""Say how many there are of something: one story, two stories."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, `many` of which is `one` with an s where nothing else is given."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def counted_stories(count: int) -> str:
    """Return a number of stories."""
    return counted(count, "story", "stories")
