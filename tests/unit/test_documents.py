import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import DocumentError, find_line, load_json, load_yaml, split_front_matter

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: 1\nb: 2\na: 3", "the key 'a' is given twice", 3),
        ("x:\n  a: 1\n  a: 2", "the key 'a' is given twice", 3),
        ("a: &x {b: 1}\nc:\n  <<: *x", "merge keys (<<) are not allowed", 3),
        ("? [a, b]\n: 1", "a key must be plain text", 1),
        ("a: [1", "not valid YAML (did not find expected ',' or ']')", None),
        ("a: .nan", "a number is not finite", 1),
        ("b: 1\na: [1,\n -.inf]", "a number is not finite", 3),
        ("a: 'x\x07'", "not valid YAML (a character is not allowed)", None),
        ("a: !!python/name:os.system", "not valid YAML", 1),
        ("a: 1\n---\nb: 2", "not valid YAML", 2),
        ("a: " + "9" * 5000, "not valid YAML (a value can't be read)", None),
        ("- " * 9000 + "a", "not valid YAML", None),
    ],
)
def test_broken_yaml_is_told_with_its_line(text, reason, line):
    with pytest.raises(DocumentError) as caught:
        load_yaml(text)
    assert caught.value.reason.startswith(reason)
    if line is not None:
        assert caught.value.line == line


def test_yaml_keeps_dates_as_they_are_written():
    assert load_yaml("when: 2023-03-01") == {"when": "2023-03-01"}


def test_only_true_and_false_are_booleans_in_yaml():
    text = "yes: No\non: off\ny: n\nb: [true, False, TRUE, truely]"
    assert load_yaml(text) == {"yes": "No", "on": "off", "y": "n", "b": [True, False, True, "truely"]}


def test_a_long_key_is_shortened_in_the_complaint():
    key = "k" * 100
    with pytest.raises(DocumentError) as caught:
        load_yaml(f"{key}: 1\n{key}: 2")
    assert len(caught.value.reason) < 80


def test_aliases_that_multiply_are_walked_once():
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    assert set(load_yaml("a0: &a0 [x]\n" + "\n".join(levels))) >= {"a0", "a29"}


def test_an_alias_may_hold_itself():
    value = load_yaml("&a [*a]")
    assert value[0] is value


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('{"a": 1,\n "a": 2}', "the key 'a' is given twice", 2),
        ('{"x": "NaN",\n"y": NaN}', "NaN is not a JSON number", 2),
        ('["\\"", \n -Infinity]', "-Infinity is not a JSON number", 2),
        ('{"a":\n1e999}', "a number is not finite", 2),
        ('["1e999", 7,\n"NaN",\n-1e999]', "a number is not finite", 3),
        ("[1,\n" + "9" * 5000 + "]", "not valid JSON (a number is out of range)", 2),
        ('{"a":\t{"b": 1},\n"c": [{"b": 2,\n"b": 3}]}', "the key 'b' is given twice", 3),
        ('{"a": {"b": 1,\n"\\u0062": 2},\n"b": 3}', "the key 'b' is given twice", 2),
        ("{'a': 1}", "not valid JSON (Expecting property name enclosed in double quotes, column 2)", 1),
        ('{"a": 1}\nx', "not valid JSON (Extra data, column 1)", 2),
        ("", "not valid JSON (Expecting value, column 1)", 1),
        ("[" * 100_000, "not valid JSON (nested too deeply)", None),
    ],
)
def test_broken_json_is_told_with_its_line(text, reason, line):
    with pytest.raises(DocumentError) as caught:
        load_json(text)
    assert (caught.value.reason, caught.value.line) == (reason, line)


@given(JSON_VALUES)
def test_what_json_can_say_comes_back(value):
    import json  # noqa: PLC0415 - the peer to compare with

    assert load_json(json.dumps(value)) == value


@given(st.text(max_size=300))
def test_no_text_breaks_the_parsers_otherwise(text):
    for load in (load_yaml, load_json, split_front_matter):
        try:
            load(text)
        except DocumentError as error:
            assert error.reason  # noqa: PT017 - any other error fails the test


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ([], 1),
        (["a"], 1),
        (["b"], 2),
        (["b", 1], 4),
        (["b", 1, "c"], 4),
        (["b", 1, "nowhere"], 4),
        (["b", 7], 3),
        (["nowhere"], 1),
        (["a", "deeper"], 1),
    ],
)
def test_the_line_of_a_value_or_of_its_nearest_parent_is_found(path, line):
    assert find_line("a: 1\nb:\n  - x\n  - c: 2\n", path) == line


def test_the_lines_of_json_are_found_too():
    assert find_line('[\n{"a": 1},\n{"a": 2,\n\t"b": 3}]', [1, "b"]) == 4


@pytest.mark.parametrize("text", ["", "a: [", '{"a": "\\ud800"}'])
def test_a_text_without_a_tree_has_no_lines(text):
    assert find_line(text, ["a"]) is None


@pytest.mark.parametrize(
    ("text", "fields", "body", "first_line"),
    [
        ("---\na: 1\n---\nBody\n", {"a": 1}, "Body\n", 4),
        ("---\r\na: 1\r\n---\r\nBody\r\n", {"a": 1}, "Body\r\n", 4),
        ("---\ra: 1\r---\rBody", {"a": 1}, "Body", 4),
        ("--- \na: 1\n---  \n\n Body", {"a": 1}, "\n Body", 4),
        ("---\n---\nBody", {}, "Body", 3),
        ("---\na: 1\n---", {"a": 1}, "", 4),
        ("---\na: x\x0cy\n---\nBody", None, None, None),
        ("Body\n---\na: 1\n---\n", None, "Body\n---\na: 1\n---\n", 1),
        ("---\nno front matter", None, "---\nno front matter", 1),
        ("----\na: 1\n----\n", None, "----\na: 1\n----\n", 1),
        (" ---\na: 1\n---\n", None, " ---\na: 1\n---\n", 1),
        ("---", None, "---", 1),
        ("", None, "", 1),
    ],
)
def test_front_matter_is_split_off_and_the_body_is_untouched(text, fields, body, first_line):
    if body is None:
        with pytest.raises(DocumentError, match="a character is not allowed"):
            split_front_matter(text)
        return
    assert split_front_matter(text) == (fields, body, first_line)


@given(st.text(max_size=200))
def test_front_matter_and_body_together_are_the_text(text):
    try:
        front = split_front_matter(text)
    except DocumentError:
        return
    assert text.endswith(front.body)
    assert (front.fields is None) == (front.body == text)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("---\na: 1\n", "the front matter opened by --- is never closed", 1),
        ("---\na: 1\nb: ]\n---\n", "front matter: not valid YAML", 3),
        ("---\nx: 1\nx: 2\n---\n", "front matter: the key 'x' is given twice", 3),
        ("---\n- a\n---\n", "the front matter must be a mapping of names to values", 2),
        ("---\ntext\n---\n", "the front matter must be a mapping of names to values", 2),
    ],
)
def test_broken_front_matter_is_told_with_its_line_in_the_file(text, reason, line):
    with pytest.raises(DocumentError) as caught:
        split_front_matter(text)
    assert caught.value.reason.startswith(reason)
    assert caught.value.line == line
