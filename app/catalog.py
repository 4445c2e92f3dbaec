"""Load and check rubrics and prompts: data under version control, refused at start when broken."""

import hashlib
import json
import re
from pathlib import Path
from typing import Literal, cast

from pydantic import ValidationError

from app.documents import DocumentError, find_line, load_json, load_yaml, split_front_matter
from app.domain import ArtefactRef, Slug, Value
from app.errors import Misconfigured, NotFound
from app.rubric import Rubric

_PROJECT = Path(__file__).parent.parent
_PACKAGED = Path(__file__).parent / "data"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/v[0-9]+)?")
_MAX_NAME_CHARS = 100


def default_dir(kind: Literal["rubrics", "prompts", "migrations"]) -> Path:
    """Return the folder of the data that ships with the package, in a wheel or in a checkout."""
    packaged = _PACKAGED / kind
    return packaged if packaged.is_dir() else _PROJECT / kind


class Prompt(Value):
    """One released version of a prompt: a Jinja2 template with declared variables."""

    name: Slug
    version: str
    variables: tuple[str, ...]
    description: str
    template: str
    sha256: str

    @property
    def ref(self) -> ArtefactRef:
        """The exact bytes this prompt was loaded from."""
        return ArtefactRef(name=self.name, version=self.version, sha256=self.sha256)


def _read(path: Path) -> tuple[str, str]:
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8"), hashlib.sha256(raw).hexdigest()
    except OSError as error:
        raise Misconfigured(f"{path}: can't be read ({error.strerror})", slug="broken-catalog") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path}: not UTF-8 text", slug="broken-catalog") from None


def _newest(folder: Path, suffix: str) -> Path:
    found = [path for path in folder.glob(f"v*{suffix}") if path.stem[1:].isdigit()]
    if not found:
        raise NotFound(f"there is no {folder.name} in {folder.parent.name}")
    return max(found, key=lambda path: int(path.stem[1:]))


def _broken(path: Path, text: str, error: ValidationError, *, offset: int = 0) -> Misconfigured:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"]) or "file"
    line = find_line(text, first["loc"])
    place = f"{path}:{line + offset}" if line else str(path)
    return Misconfigured(f"{place}: {where}: {first['msg']}", slug="broken-catalog")


def load_rubric(path: Path) -> Rubric:
    """Load a rubric file.

    Raises:
        Misconfigured: The file is broken; the detail names file, line and reason.
    """
    text, digest = _read(path)
    try:
        fields = load_yaml(text)
        if not isinstance(fields, dict):
            raise DocumentError("a rubric must be a mapping", 1)
        rubric = Rubric.model_validate({**fields, "sha256": digest})
    except DocumentError as error:
        raise Misconfigured(f"{path}:{error.line or 1}: {error.reason}", slug="broken-catalog") from None
    except ValidationError as error:
        raise _broken(path, text, error) from None
    if path.stem != rubric.version or path.parent.name != rubric.name:
        raise Misconfigured(f"{path}:1: must be called {rubric.name}/{rubric.version}.yaml", slug="broken-catalog")
    return rubric


def rubric_schema() -> str:
    """Return the JSON Schema of a rubric file, which editors check it by."""
    schema = Rubric.model_json_schema()
    del schema["properties"]["sha256"]  # told by the loader
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def load_prompt(path: Path) -> Prompt:
    """Load a prompt file: front matter (`name, version, description, variables`), then a Jinja2 template.

    Raises:
        Misconfigured: The file is broken, or declared and used variables differ; names file, line and reason.
    """
    from jinja2 import TemplateSyntaxError, meta  # noqa: PLC0415 - the rules path needs no templates
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    text, digest = _read(path)
    try:
        front = split_front_matter(text)
        if front.fields is None:
            raise DocumentError("a prompt must begin with front matter", 1)
        tree = ImmutableSandboxedEnvironment(autoescape=False).parse(front.body)
        prompt = Prompt.model_validate({**front.fields, "template": front.body, "sha256": digest})
    except DocumentError as error:
        raise Misconfigured(f"{path}:{error.line or 1}: {error.reason}", slug="broken-catalog") from None
    except TemplateSyntaxError as error:
        line = error.lineno + split_front_matter(text).first_line - 1
        raise Misconfigured(f"{path}:{line}: {error.message}", slug="broken-catalog") from None
    except ValidationError as error:
        head = "".join(text.splitlines(keepends=True)[1 : split_front_matter(text).first_line - 2])
        raise _broken(path, head, error, offset=1) from None
    used = meta.find_undeclared_variables(tree)
    if used != set(prompt.variables):
        differing = ", ".join(sorted(used ^ set(prompt.variables)))
        raise Misconfigured(f"{path}:1: declared and used variables differ: {differing}", slug="broken-catalog")
    return prompt


class Catalog:
    """The rubrics and prompts of one installation, loaded on first use.

    Args:
        rubrics_dir: Folder of `<name>/v<N>.yaml`; None for the shipped one.
        prompts_dir: Folder of `<name>/v<N>.md`; None for the shipped one.
    """

    def __init__(self, rubrics_dir: Path | None = None, prompts_dir: Path | None = None) -> None:
        self._rubrics_dir = rubrics_dir or default_dir("rubrics")
        self._prompts_dir = prompts_dir or default_dir("prompts")
        self._rubrics: dict[str, Rubric] = {}
        self._prompts: dict[str, Prompt] = {}

    def rubric(self, name: str) -> Rubric:
        """Return a rubric by `name` (its newest version) or by `name/vN`.

        Raises:
            NotFound: There is no such rubric.
            Misconfigured: The file is broken.
        """
        if name not in self._rubrics:
            self._rubrics[name] = load_rubric(self._find(self._rubrics_dir, name, ".yaml"))
        return self._rubrics[name]

    def prompt(self, name: str) -> Prompt:
        """Return a prompt by `name` (its newest version) or by `name/vN`.

        Raises:
            NotFound: There is no such prompt.
            Misconfigured: The file is broken.
        """
        if name not in self._prompts:
            self._prompts[name] = load_prompt(self._find(self._prompts_dir, name, ".md"))
        return self._prompts[name]

    def rubric_names(self) -> tuple[str, ...]:
        """Return the names of all rubrics, each with its versions as `name/vN`, oldest first."""
        return tuple(_versions(self._rubrics_dir, ".yaml"))

    def prompt_names(self) -> tuple[str, ...]:
        """Return the names of all prompts, each with its versions as `name/vN`, oldest first."""
        return tuple(_versions(self._prompts_dir, ".md"))

    def check(self) -> None:
        """Load everything and compare it with the lock files.

        Raises:
            Misconfigured: A folder is empty, a file is broken, or a released version has changed.
        """
        for name in self.rubric_names():
            self.rubric(name)
        for name in self.prompt_names():
            self.prompt(name)
        for folder, suffix in ((self._rubrics_dir, ".yaml"), (self._prompts_dir, ".md")):
            changed = [name for name, digest in load_lock(folder).items() if _digest(folder, name, suffix) != digest]
            if changed:
                raise Misconfigured(
                    f"{folder / 'lock.json'}: released versions have changed: {', '.join(changed)}; add a new version",
                    slug="broken-catalog",
                )
            if not _versions(folder, suffix):
                raise Misconfigured(f"{folder}: holds no <name>/v<N>{suffix}", slug="broken-catalog")

    def write_locks(self) -> None:
        """Add the digests of new versions to the lock files and write the rubrics' schema beside them.

        A released version keeps its digest.
        """
        for folder, suffix in ((self._rubrics_dir, ".yaml"), (self._prompts_dir, ".md")):
            digests = {name: _digest(folder, name, suffix) for name in _versions(folder, suffix)}
            locked = {**digests, **load_lock(folder)}
            (folder / "lock.json").write_text(json.dumps(locked, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        (self._rubrics_dir / "schema.json").write_text(rubric_schema(), encoding="utf-8")

    @staticmethod
    def _find(folder: Path, name: str, suffix: str) -> Path:
        base, _, version = name.partition("/")
        if len(name) > _MAX_NAME_CHARS or not _NAME.fullmatch(name):
            raise NotFound("a name looks like leadership-principles or leadership-principles/v1")
        if not version:
            return _newest(folder / base, suffix)
        path = folder / base / f"{version}{suffix}"
        if not path.is_file():
            raise NotFound(f"there is no {name} in {folder.name}")
        return path


def load_lock(folder: Path) -> dict[str, str]:
    """Return the digests of released versions, `name/vN` to SHA-256; empty without a lock file.

    Raises:
        Misconfigured: The lock file is broken.
    """
    path = folder / "lock.json"
    if not path.is_file():
        return {}
    try:
        digests = load_json(_read(path)[0])
    except DocumentError as error:
        raise Misconfigured(f"{path}:{error.line or 1}: {error.reason}", slug="broken-catalog") from None
    if not isinstance(digests, dict):
        raise Misconfigured(f"{path}:1: must be an object of names and digests", slug="broken-catalog")
    return {str(name): str(digest) for name, digest in cast("dict[str, object]", digests).items()}


def _versions(folder: Path, suffix: str) -> list[str]:
    found = [path for path in folder.glob(f"*/v*{suffix}") if path.stem[1:].isdigit()]
    found.sort(key=lambda path: (path.parent.name, int(path.stem[1:])))
    return [f"{path.parent.name}/{path.stem}" for path in found]


def _digest(folder: Path, name: str, suffix: str) -> str:
    path = folder / f"{name}{suffix}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
