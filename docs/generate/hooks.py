"""What mkdocs calls while it builds the site."""

# mkdocs finds this folder on the path only now; mkdocs-click asks for `commands` by name later
import commands  # noqa: F401
from repository_links import on_files, on_page_markdown

__all__ = ["on_files", "on_page_markdown"]
