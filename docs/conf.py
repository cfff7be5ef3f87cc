"""How Sphinx builds the documentation: offline, from Markdown, with every warning an error (python3 dev.py docs)."""

from importlib.metadata import version as version_of

project = "escruta"
author = "the escruta maintainers"
copyright = "the escruta maintainers, Apache-2.0"  # noqa: A001  (Sphinx's name for it)
release = version = version_of("escruta")

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist", "attrs_inline"]
myst_heading_anchors = 4  # a heading can be linked to, as on the code's web pages

html_theme = "furo"
html_title = "escruta"
html_copy_source = False
html_show_sourcelink = False
html_static_path: list[str] = []
