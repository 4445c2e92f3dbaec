import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from app.catalog import Catalog, default_dir, load_lock, load_prompt, load_rubric, rubric_schema
from app.domain import GapCode, Severity
from app.errors import Misconfigured, NotFound

RUBRIC = """\
name: small
version: v1
title: Small
notice: Made for tests.
default_role: sdm
default_level: L6
roles:
  - {id: sdm, title: Manager, manages_people: true}
levels:
  - {id: L6, title: L6, scope: several teams}
principles:
  - id: ownership
    name: Ownership
    summary: Sees it through.
    metric: required
    signals:
      - {id: takes-it, text: takes it, polarity: positive}
      - {id: keeps-it, text: keeps it, polarity: positive}
      - {id: ends-it, text: ends it, polarity: positive}
      - {id: drops-it, text: drops it, polarity: negative}
    probes: [What?, Why?, And then?]
    confusions: []
    levels: {L6: acts across teams}
gaps:
"""
GAPS = "".join(f"  - {{code: {code}, title: t, definition: d, part: null, severity: warning}}\n" for code in GapCode)
FORMULA = """\
formula:
  evidence_for_level: [1, 2, 3, 4]
  caps: []
"""
WHOLE = RUBRIC + GAPS + FORMULA
PROMPT = "---\nname: ask\nversion: v1\ndescription: Asks.\nvariables: [story]\n---\nRead: {{ story }}\n"


@pytest.fixture
def folders(tmp_path):
    """A rubric and a prompt that a test may break."""
    for kind, name, file, text in (("rubrics", "small", "v1.yaml", WHOLE), ("prompts", "ask", "v1.md", PROMPT)):
        (tmp_path / kind / name).mkdir(parents=True)
        (tmp_path / kind / name / file).write_text(text)
    return tmp_path


def catalog_of(folders):
    return Catalog(folders / "rubrics", folders / "prompts")


def rubric_file(folders, text=WHOLE) -> Path:
    path = folders / "rubrics" / "small" / "v1.yaml"
    path.write_text(text)
    return path


def prompt_file(folders, text=PROMPT) -> Path:
    path = folders / "prompts" / "ask" / "v1.md"
    path.write_text(text)
    return path


def test_the_shipped_rubric_speaks_of_all_principles_gaps_and_levels():
    rubric = Catalog().rubric("leadership-principles")
    assert len(rubric.principles) == 16
    assert {rule.code for rule in rubric.gaps} == set(GapCode)
    assert {"L5", "L6", "L7"} <= {level.id for level in rubric.levels}
    assert "sdm" in {role.id for role in rubric.roles}
    assert "not affiliated" in rubric.notice


def test_the_shipped_files_are_all_in_order():
    Catalog().check()


def test_the_schema_for_editors_is_the_rubric_s():
    assert (default_dir("rubrics") / "schema.json").read_text(encoding="utf-8") == rubric_schema()


def test_released_versions_have_not_changed():
    for kind in ("rubrics", "prompts"):
        folder = default_dir(kind)
        locked = load_lock(folder)
        assert set(locked) == set(Catalog().rubric_names() if kind == "rubrics" else Catalog().prompt_names())
        for name, digest in locked.items():
            suffix = ".yaml" if kind == "rubrics" else ".md"
            assert hashlib.sha256((folder / f"{name}{suffix}").read_bytes()).hexdigest() == digest, name


def test_what_is_loaded_names_the_exact_bytes(folders):
    rubric = catalog_of(folders).rubric("small")
    assert rubric.ref.sha256 == hashlib.sha256(WHOLE.encode()).hexdigest()
    assert (rubric.ref.name, rubric.ref.version) == ("small", "v1")
    prompt = catalog_of(folders).prompt("ask")
    assert prompt.ref.sha256 == hashlib.sha256(PROMPT.encode()).hexdigest()
    assert prompt.template == "Read: {{ story }}\n"


def test_a_name_alone_means_the_newest_version_by_number(folders):
    for version in ("v2", "v10"):
        path = folders / "rubrics" / "small" / f"{version}.yaml"
        path.write_text(WHOLE.replace("version: v1", f"version: {version}"))
    catalog = catalog_of(folders)
    assert catalog.rubric("small").version == "v10"
    assert catalog.rubric("small/v2").version == "v2"
    assert catalog.rubric_names() == ("small/v1", "small/v2", "small/v10")
    assert catalog.prompt_names() == ("ask/v1",)


@pytest.mark.parametrize(
    "name",
    ["", "nope", "small/v9", "small/", "small/v1/x", "../small", "small/../small/v1", "Small", "a\0b", "x" * 5000, "*"],
)
def test_a_name_that_names_nothing_is_not_found(folders, name):
    with pytest.raises(NotFound):
        catalog_of(folders).rubric(name)
    with pytest.raises(NotFound):
        catalog_of(folders).prompt(name)


@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("title: Small\n", "", None, "title: Field required"),
        ("title: Small", "titel: Small", None, "Field required"),
        ("title: Small", "title: 5", 3, "title: Input should be a valid string"),
        ("title: Small", "title: Small\ntitle: Again", 4, "the key 'title' is given twice"),
        ("polarity: negative", "polarity: sideways", 20, "polarity"),
        ("metric: required", "metric: sometimes", 15, "metric"),
        ("- id: ownership", "- id: Owner Ship", 12, "id: String should match pattern"),
        ("id: keeps-it", "id: takes-it", None, "ownership: signal takes-it is given twice"),
        ("default_role: sdm", "default_role: pilot", None, "default_role pilot is not among the roles"),
        ("default_level: L6", "default_level: L9", None, "default_level L9 is not among the levels"),
        ("levels: {L6: acts", "levels: {L5: acts", None, "ownership: levels must be L6"),
        (
            "confusions: []",
            "confusions: [{other: nobody, ask: Which?, yes: ownership, no: nobody}]",
            None,
            "ownership: unknown principle nobody",
        ),
        ("  - {code: hedging, title: t", "  - {code: hedging2, title: t", None, "code"),
        ("evidence_for_level: [1, 2, 3, 4]", "evidence_for_level: [1, 2]", 38, "evidence_for_level"),
        ("name: small", "name: large", 1, "must be called large/v1.yaml"),
        ("name: small", "- small", None, "not valid YAML"),
    ],
)
def test_a_broken_rubric_is_told_with_file_line_and_reason(folders, old, new, line, complaint):
    assert old in WHOLE
    path = rubric_file(folders, WHOLE.replace(old, new, 1))
    with pytest.raises(Misconfigured) as caught:
        load_rubric(path)
    assert caught.value.detail.startswith(f"{path}:{line}: " if line else str(path))
    assert complaint in caught.value.detail
    assert caught.value.slug == "broken-catalog"


EXPECTED = "{id: tool, text: t, reason: r, shown_by: [tool], probe: p, severity: note}"


@pytest.mark.parametrize(
    ("expectations", "caps", "complaint"),
    [
        (EXPECTED.replace("[tool]", "[hammer]"), "", "shown_by"),
        (EXPECTED.replace("[tool]", "[]"), "", "shown_by"),
        (EXPECTED.replace("text: t", "roles: [pilot], text: t"), "", "expectation tool: unknown role or level pilot"),
        (EXPECTED.replace("text: t", "levels: [L9], text: t"), "", "expectation tool: unknown role or level L9"),
        (
            EXPECTED.replace("text: t", "unless: [{severity: error, levels: [L9]}], text: t"),
            "",
            "expectation tool: unknown role or level L9",
        ),
        (
            EXPECTED.replace("text: t", "principles: [nobody], text: t"),
            "",
            "expectation tool: unknown principle nobody",
        ),
        (EXPECTED.replace("text: t", "after: later, text: t"), "", "expectation tool: later is no earlier expectation"),
        (f"{EXPECTED}, {EXPECTED}", "", "expectation tool is given twice"),
        (EXPECTED, "{expectations: [nobody], at_most: 3, reason: r}", "a cap names the unknown expectation nobody"),
        (
            EXPECTED,
            "{expectations: [tool], principle: nobody, at_most: 3, reason: r}",
            "a cap names the unknown principle nobody",
        ),
        (EXPECTED, "{expectations: [tool], at_least: 2, at_most: 3, reason: r}", "as many gaps and expectations"),
        (EXPECTED, "{at_most: 3, reason: r}", "as many gaps and expectations"),
    ],
)
def test_a_broken_expectation_is_told(folders, expectations, caps, complaint):
    text = re.sub(r"caps: \[.*\]", f"caps: [{caps}]", WHOLE).replace(
        "formula:", f"expectations: [{expectations}]\nformula:"
    )
    path = rubric_file(folders, text)
    with pytest.raises(Misconfigured) as caught:
        load_rubric(path)
    assert complaint in caught.value.detail


def test_a_gap_without_a_rule_is_told(folders):
    path = rubric_file(folders, WHOLE.replace(GAPS.splitlines(keepends=True)[3], ""))
    with pytest.raises(Misconfigured, match="no rule for the gap weak-ownership"):
        load_rubric(path)


@pytest.mark.parametrize("content", [b"\xff", b"", b"- a list", b"just text"])
def test_a_file_that_is_no_rubric_is_told(folders, content):
    path = folders / "rubrics" / "small" / "v1.yaml"
    path.write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        load_rubric(path)
    assert caught.value.detail.startswith(str(path))


def test_a_rubric_that_can_not_be_opened_is_told(tmp_path):
    with pytest.raises(Misconfigured, match="can't be read"):
        load_rubric(tmp_path / "small" / "v1.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("[story]", "[]", 1, "declared and used variables differ: story"),
        ("[story]", "[story, title]", 1, "declared and used variables differ: title"),
        ("{{ story }}", "{{ story", 7, "unexpected"),
        ("{{ story }}", "{{ story }}\n\n{% if %}", 9, "Expected an expression"),
        ("description: Asks.\n", "", None, "description: Field required"),
        ("description: Asks.", "description: [Asks.]", 4, "description: Input should be a valid string"),
        ("name: ask", "name: ask\nname: ask", 3, "the key 'name' is given twice"),
        ("---\nname", "name", 1, "a prompt must begin with front matter"),
    ],
)
def test_a_broken_prompt_is_told_with_file_line_and_reason(folders, old, new, line, complaint):
    path = prompt_file(folders, PROMPT.replace(old, new, 1))
    with pytest.raises(Misconfigured) as caught:
        load_prompt(path)
    assert caught.value.detail.startswith(f"{path}:{line}: " if line else str(path))
    assert complaint in caught.value.detail


def test_a_released_version_never_changes(folders):
    catalog_of(folders).write_locks()
    catalog_of(folders).check()
    rubric_file(folders, WHOLE + "# one more word\n")
    with pytest.raises(Misconfigured, match=r"released versions have changed: small/v1; add a new version"):
        catalog_of(folders).check()
    catalog_of(folders).write_locks()
    with pytest.raises(Misconfigured, match="released versions have changed"):
        catalog_of(folders).check()


def test_a_released_version_never_goes_away(folders):
    catalog_of(folders).write_locks()
    shutil.rmtree(folders / "prompts" / "ask")
    with pytest.raises(Misconfigured, match="released versions have changed: ask/v1"):
        catalog_of(folders).check()


def test_a_new_version_is_added_to_the_lock(folders):
    catalog_of(folders).write_locks()
    before = load_lock(folders / "rubrics")
    (folders / "rubrics" / "small" / "v2.yaml").write_text(WHOLE.replace("version: v1", "version: v2"))
    catalog_of(folders).check()
    catalog_of(folders).write_locks()
    assert load_lock(folders / "rubrics") == {
        **before,
        "small/v2": hashlib.sha256(WHOLE.replace("version: v1", "version: v2").encode()).hexdigest(),
    }


@pytest.mark.parametrize("content", ["{broken", "[]", '{"small/v1": NaN}'])
def test_a_broken_lock_is_told(folders, content):
    path = folders / "rubrics" / "lock.json"
    path.write_text(content)
    with pytest.raises(Misconfigured) as caught:
        catalog_of(folders).check()
    assert caught.value.detail.startswith(f"{path}:1: ")


def test_the_lock_is_written_for_people_to_compare(folders):
    catalog_of(folders).write_locks()
    text = (folders / "rubrics" / "lock.json").read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


def test_the_first_severity_rule_that_holds_wins(folders):
    old = "  - {code: hedging, title: t, definition: d, part: null, severity: warning}\n"
    new = (
        "  - code: hedging\n    title: t\n    definition: d\n    part: null\n    severity: warning\n    unless:\n"
        "      - {severity: note, roles: [sdm], metric: lenient}\n      - {severity: error, levels: [L6]}\n"
    )
    rubric = load_rubric(rubric_file(folders, WHOLE.replace(old, new)))

    def severity(metric):
        return rubric.severity(GapCode.HEDGING, role="sdm", level="L6", metric=metric)

    assert severity("lenient") == Severity.NOTE
    assert severity("required") == Severity.ERROR
    assert rubric.severity(GapCode.HEDGING, role="sdm", level="L5", metric=None) == Severity.WARNING


def test_an_unknown_principle_is_not_found():
    rubric = Catalog().rubric("leadership-principles")
    assert rubric.principle("ownership").name == "Ownership"
    with pytest.raises(NotFound):
        rubric.principle("kindness")
