"""The formats of a report by name."""

from enum import StrEnum


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"
    MARKDOWN = "markdown"
    MARKDOWN_COMMENT = "markdown-comment"
    CSV = "csv"
    CSV_BOM = "csv-bom"
    HTML = "html"
