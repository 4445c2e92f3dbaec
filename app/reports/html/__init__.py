"""The HTML format: one file that opens without a network, with every story's text annotated."""

from app.reports.html.report import HtmlReport, render_html

__all__ = ["HtmlReport", "render_html"]
