import io
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog import Catalog
from app.coach.finding import Finder
from app.coach.reading import MAX_DOCUMENT_BYTES, MAX_TEXT_BYTES, parse_story, read_stories, read_stream
from app.coach.target import check_target
from app.domain import Story
from app.errors import UnreadableStory


def read(path, shown=None, **options) -> list[Any]:
    return list(read_stories(path, shown or path.name, **options))


def stream(raw: bytes) -> list[Any]:
    return list(read_stream(io.BytesIO(raw), "-"))


def complaints(items):
    assert all(isinstance(item, UnreadableStory) for item in items)
    return [item.detail for item in items]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_front_matter_names_the_story_and_its_target():
    text = (
        "---\nid: s1\ntitle: The queue\nquestion: Tell me about a failure.\n"
        "principles: [dive-deep, ownership]\nrole: sdm\nlevel: L6\n---\nI drained it.\n"
    )
    story = parse_story(text, "a/s.md")
    assert story == Story(
        text="I drained it.\n",
        id="s1",
        title="The queue",
        question="Tell me about a failure.",
        principles=("dive-deep", "ownership"),
        role="sdm",
        level="L6",
        path="a/s.md",
        first_line=9,
        first_char=len(text) - len("I drained it.\n"),
    )


def test_the_text_begins_right_after_the_closing_line_and_nothing_is_trimmed():
    story = parse_story("---\nid: x\n---\n\n  I did.  \n\n", "s.md")
    assert story.text == "\n  I did.  \n\n"
    assert story.first_line == 4


def test_a_story_knows_where_in_its_file_it_begins(tmp_path):
    path = write(tmp_path, "s.md", "\ufeff---\r\ntitle: Zwölf 🚲\r\n---\r\nI fixed it.\r\n")
    [story] = read(path)
    assert story.first_char == len("---\r\ntitle: Zwölf 🚲\r\n---\r\n")
    assert story.record_line is None


def test_a_story_of_a_lines_file_knows_its_line(tmp_path):
    path = write(tmp_path, "s.jsonl", '{"text": "One."}\n\n{"text": "Two."}\n')
    assert [(story.record_line, story.first_line, story.first_char) for story in read(path)] == [
        (1, 1, None),
        (3, 1, None),
    ]


def test_windows_line_ends_stay_in_the_text():
    story = parse_story("---\r\nid: x\r\n---\r\nOne.\r\nTwo.\r\n", "s.md")
    assert story.text == "One.\r\nTwo.\r\n"
    assert (story.id, story.first_line) == ("x", 4)


def test_a_text_without_front_matter_is_kept_whole():
    assert parse_story(" Just a story.", "s.txt").text == " Just a story."


def test_a_markdown_rule_at_the_top_is_no_front_matter():
    assert parse_story("---\n\nA story.\n", "s.md").text == "---\n\nA story.\n"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_behind_front_matter_comes_out_unchanged(body):
    assert parse_story("---\nid: x\n---\n" + body, "s.md").text == body


def test_principles_may_be_given_as_one_text_with_commas():
    assert parse_story("---\nprinciples: dive-deep, ownership,\n---\nx", "s.md").principles == (
        "dive-deep",
        "ownership",
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Given\n---\n# Heading\n", "Given"),
        ("---\ntitle:\n---\n\n## The *late* train ##\nText", "The *late* train"),
        ("#hashtag is no heading", "s"),
        ("Text only.", "s"),
    ],
)
def test_the_title_falls_back_to_the_first_heading_and_then_to_the_file(text, title):
    assert parse_story(text, "folder/s.md").title == title


@pytest.mark.parametrize(
    ("front", "complaint"),
    [
        ("id: a\ntittle: b", "s.md:3: unknown key 'tittle'; did you mean title?"),
        ("zzz: b", "s.md:2: unknown key 'zzz'; known are id, title, question, principles, role, level"),
        ("id: a\nid: b", "s.md:3: front matter: the key 'id' is given twice"),
        ("title: t\nid: 7", "s.md:3: id must be text (put it in quotes)"),
        ("title: [a]", "s.md:2: title must be text (put it in quotes)"),
        ("principles: 3", "s.md:2: principles must be a list of names, or names with commas between"),
        ("id: x\nprinciples: [a, 3]", "s.md:3: principles must be a list of names, or names with commas between"),
        ("level: .nan", "s.md:2: front matter: a number is not finite"),
        ("- a", "s.md:2: the front matter must be a mapping of names to values"),
        ("id: 'open", "s.md:3: front matter: not valid YAML (found unexpected end of stream)"),
        ("id: !!python/object:os.system x", "front matter: not valid YAML"),
        ("a: &a [x]\nid: *a", "s.md:2: unknown key 'a'"),
    ],
)
def test_broken_front_matter_is_told_with_file_line_and_reason(front, complaint):
    with pytest.raises(UnreadableStory) as caught:
        parse_story(f"---\n{front}\n---\nA story.", "s.md")
    assert complaint in caught.value.detail


def test_front_matter_that_never_closes_is_told():
    with pytest.raises(UnreadableStory, match=r"s\.md:1: the front matter opened by --- is never closed"):
        parse_story("---\nid: x\n\nA story.", "s.md")


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"First.\nSec\xfcnd.", "s.md:2: is not UTF-8 (byte 0xfc)"),
        ("Ünï".encode("utf-16"), "s.md:1: is UTF-16; save it as UTF-8"),
        ("Ünï".encode("utf-32"), "s.md:1: is UTF-32; save it as UTF-8"),
        (b"One.\n\nTw\0o.", "s.md:3: holds a NUL byte, so it is not text"),
        (b"x" * (MAX_TEXT_BYTES + 1), "s.md: larger than 1024 KiB, so it is not one story"),
        (b"\x89PNG\r\n\x1a\n\0\0", "s.md:3: holds a NUL byte, so it is not text"),
    ],
)
def test_bytes_that_are_no_text_are_told(tmp_path, raw, complaint):
    assert complaints(read(write(tmp_path, "s.md", raw))) == [complaint]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    [story] = read(write(tmp_path, "s.md", b"\xef\xbb\xbf---\nid: x\n---\nStory"))
    assert (story.id, story.text) == ("x", "Story")


def test_a_largest_text_is_read(tmp_path):
    [story] = read(write(tmp_path, "s.txt", b"x" * MAX_TEXT_BYTES))
    assert len(story.text) == MAX_TEXT_BYTES


@pytest.mark.parametrize("suffix", ["json", "yaml", "yml"])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: [s], lambda s: {"stories": [s]}])
def test_a_document_holds_one_story_or_many(tmp_path, suffix, wrap):
    record = {"id": "a", "text": "I did it.\n", "principles": ["dive-deep"], "level": "L5"}
    [story] = read(write(tmp_path, f"d.{suffix}", json.dumps(wrap(record))))
    assert (story.id, story.text, story.level, story.first_line) == ("a", "I did it.\n", "L5", 1)


def test_untitled_records_are_numbered(tmp_path):
    path = write(tmp_path, "many.json", '[{"text": "a"}, {"text": "# Named"}, {"text": "c"}]')
    assert [story.title for story in read(path)] == ["many #1", "Named", "many #3"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"text": "a",\n "text": "b"}', "d.json:2: the key 'text' is given twice"),
        ('{"text": "NaN",\n "level":\n NaN}', "d.json:3: NaN is not a JSON number"),
        ('{"text": "a", "level": 1e999}', "d.json:1: a number is not finite"),
        ('{"text": "a",}', "d.json:1: not valid JSON"),
        ('{"id": "a"}', "d.json:1: the story has no text"),
        ('{"text": null}', "d.json:1: the story has no text"),
        ('[\n{"text":\n 5}]', "d.json:2: text must be a string"),
        ('[\n"a story"]', "d.json:2: a story must be an object with a text"),
        ('"a story"', "d.json:1: a story must be an object with a text"),
        ('{"text": "\\ud800"}', "text holds half of a surrogate pair"),
        ('{"text": "a",\n"title": "b\\u0000"}', "d.json:2: title holds a NUL character"),
        ('{"stories": [{"text": "a"}], "stories": []}', "d.json:1: the key 'stories' is given twice"),
        ("[" * 100_000, "d.json: not valid JSON (nested too deeply)"),
        ('{"text": "a",\n"strength": 5}', "d.json:2: unknown key 'strength'; known are"),
        ('{"text": "a", "id": ' + "9" * 5000 + "}", "d.json:1: not valid JSON (a number is out of range)"),
    ],
)
def test_a_broken_document_is_told(tmp_path, content, complaint):
    [error] = complaints(read(write(tmp_path, "d.json", content)))
    assert complaint in error


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_key_beside_stories_is_told_since_it_would_be_lost(tmp_path, suffix):
    path = write(tmp_path, f"d.{suffix}", '{"stories": [{"text": "a"}],\n"role": "sdm"}')
    assert complaints(read(path)) == [f"d.{suffix}:2: unknown key 'role' beside stories"]


def test_a_story_that_is_refused_is_told_with_the_line_of_the_field(tmp_path):
    def vet(story):
        check_target(Catalog().rubric("leadership-principles"), role=story.role, level=story.level)

    write(tmp_path, "a.md", "---\ntitle: T\nlevel: L99\n---\nA story.")
    write(tmp_path, "b.json", '[{"text": "A story.", "level": "L6"},\n{"text": "A story.",\n"role": "pilot"}]')
    write(tmp_path, "c.jsonl", '{"text": "A story."}\n{"text": "A story.", "level": "senior"}\n')
    items = read(tmp_path, "in", vet=vet)
    refused = [item for item in items if isinstance(item, UnreadableStory)]
    assert [(error.path, error.line, error.slug) for error in refused] == [
        ("in/a.md", 3, "unknown-level"),
        ("in/b.json", 3, "unknown-role"),
        ("in/c.jsonl", 2, "unknown-level"),
    ]
    assert len(items) == 5


def test_files_of_other_kinds_in_a_folder_are_named_by_kind(tmp_path):
    for name in ("s.md", "a.docx", "in/b.DOCX", "in/LICENSE", ".hidden.pdf", ".git/x.pdf", "README.rst", "labels.json"):
        write(tmp_path, name, "x")
    assert sorted(Finder().find(tmp_path, "in").others) == ["", ".docx", ".docx"]


def test_aliases_that_multiply_do_not_hang_the_reader(tmp_path):
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    path = write(tmp_path, "d.yaml", "a0: &a0 [x]\n" + "\n".join(levels) + "\n")
    assert complaints(read(path)) == ["d.yaml:1: the story has no text"]


def test_a_bad_line_stops_no_other_line(tmp_path):
    lines = [
        '{"text": "one"}',
        "{broken",
        "",
        '{"text": 2}',
        '{"text": "\\ud83d"}',
        "\xff",
        '{"id": "z", "text": "last"}',
    ]
    path = write(tmp_path, "s.jsonl", "\n".join(lines).encode("latin-1"))
    items = read(path)
    assert [item.text for item in items if isinstance(item, Story)] == ["one", "last"]
    assert [item.line for item in items if isinstance(item, UnreadableStory)] == [2, 4, 5, 6]


def test_a_line_that_is_too_long_stops_no_other_line(tmp_path):
    long = '{"text": "' + "x" * (3 * MAX_TEXT_BYTES) + '"}'
    path = write(tmp_path, "s.ndjson", f'{{"text": "a"}}\n{long}\n{{"text": "b"}}')
    first, error, last = read(path)
    assert (first.text, last.text) == ("a", "b")
    assert error.detail == "s.ndjson:2: a record larger than 1024 KiB"


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path):
    for name in ("b.md", "a/2.txt", "a/1.markdown", "c.jsonl", ".hidden.md", ".git/x.md", "README.md", "notes.pdf"):
        write(tmp_path, name, '{"text": "x"}' if name.endswith("jsonl") else "x")
    assert [story.path for story in read(tmp_path, "stories/")] == [
        "stories/a/1.markdown",
        "stories/a/2.txt",
        "stories/b.md",
        "stories/c.jsonl",
    ]


def test_data_files_without_stories_are_passed_over_in_a_folder_and_named(tmp_path):
    write(tmp_path, "labels.jsonl", '{"id": "a", "gaps": []}\n')
    write(tmp_path, "empty.json", "[]")
    write(tmp_path, "s.md", "A story.")
    skipped = []
    assert [story.path for story in read(tmp_path, ".", on_skip=skipped.append)] == ["s.md"]
    assert skipped == ["empty.json", "labels.jsonl"]


def test_a_data_file_that_is_named_itself_is_not_passed_over(tmp_path):
    path = write(tmp_path, "labels.jsonl", '{"id": "a", "gaps": []}\n')
    assert complaints(read(path)) == ["labels.jsonl:1: the story has no text"]


def test_a_broken_data_file_in_a_folder_is_complained_of(tmp_path):
    write(tmp_path, "s.json", "{broken")
    assert complaints(read(tmp_path, "x"))[0].startswith("x/s.json:1: not valid JSON")


def test_a_missing_file_is_told():
    assert complaints(read(Path("/nowhere/s.md"), "s.md")) == ["s.md: can't be read (no such file or directory)"]


def test_a_kind_of_file_that_holds_no_story_is_told(tmp_path):
    [error] = complaints(read(write(tmp_path, "s.docx", "x")))
    assert error.startswith("s.docx: .docx is no kind of story file; known are .md")


def test_a_file_without_a_suffix_is_read_as_a_stream_is(tmp_path):
    assert read(write(tmp_path, "notes", "A story."))[0].text == "A story."
    assert read(write(tmp_path, "data", '{"text": "A story."}'))[0].text == "A story."


def test_a_document_that_is_too_large_is_told(tmp_path):
    path = write(tmp_path, "d.json", b"[" + b" " * MAX_DOCUMENT_BYTES + b"]")
    assert complaints(read(path)) == ["d.json: larger than 16 MiB; use JSONL, one story a line"]


def test_a_document_in_another_encoding_is_told(tmp_path):
    assert complaints(read(write(tmp_path, "d.yaml", "text: x".encode("utf-16")))) == [
        "d.yaml:1: is UTF-16; save it as UTF-8"
    ]


def test_data_files_are_passed_over_in_silence_when_nobody_asks(tmp_path):
    write(tmp_path, "labels.json", "{}")
    assert read(tmp_path) == []


def test_a_data_file_that_can_not_be_opened_is_complained_of(tmp_path):
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    assert complaints(read(tmp_path, "in")) == ["in/gone.jsonl: can't be read (no such file or directory)"]


def test_a_file_name_that_is_not_utf8_is_shown_escaped(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("x")
    assert [story.path for story in read(tmp_path, "in")] == ["in/caf\\xe9.md"]


def test_a_link_that_leads_nowhere_and_a_loop_of_folders_do_no_harm(tmp_path):
    write(tmp_path, "a/s.md", "x")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "a/gone.md").symlink_to(tmp_path / "nowhere.md")
    items = read(tmp_path, "in")
    assert [item.path for item in items] == ["in/a/gone.md", "in/a/s.md"]
    assert isinstance(items[0], UnreadableStory)


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (b"---\ntitle: x\n---\nA story.", ["A story."]),
        (b"[draft] A story.", ["[draft] A story."]),
        (b'{"text": "one"}\n{"text": "two"}\n', ["one", "two"]),
        (b'{"text": "one"}', ["one"]),
        (b'{\n "text": "one"\n}', ["one"]),
        (b'\xef\xbb\xbf [{"text": "one"}, {"text": "two"}]', ["one", "two"]),
        (b"", [""]),
    ],
)
def test_a_stream_is_json_when_it_begins_like_json_and_else_one_story(raw, texts):
    assert [story.text for story in stream(raw)] == texts


def test_a_long_stream_of_lines_is_read_to_its_end():
    line = json.dumps({"text": "x" * 1000}).encode() + b"\n"
    items = stream(line * 3000)
    assert len(items) == 3000
    assert all(isinstance(item, Story) for item in items)


def test_the_place_of_a_file_with_neither_heading_nor_title_on_a_stream_has_a_title():
    [story] = stream(b"Text")
    assert (story.title, story.path) == ("-", "-")


@pytest.fixture
def open_folder():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def without_powers():
    """Act as nobody for a while, where the tests run as the superuser."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_that_is_closed_stops_no_other(open_folder):
    write(open_folder, "closed/s.md", "x")
    write(open_folder, "open/s.md", "x")
    (open_folder / "closed").chmod(0)
    with without_powers():
        items = read(open_folder, "in")
        [inner] = complaints(read(open_folder / "closed/s.md", "in/closed/s.md"))
    assert [item.path for item in items] == ["in/closed", "in/open/s.md"]
    assert items[0].detail == "in/closed: can't be read (permission denied)"
    assert inner == "in/closed/s.md: can't be read (permission denied)"


def test_a_pipe_in_a_folder_is_passed_over(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    os.mkfifo(tmp_path / "pipe.json")
    assert read(tmp_path) == []
