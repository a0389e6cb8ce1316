"""How the documentation is built: `make docs` writes var/docs/index.html."""

project = "Outreach"
copyright = "the Outreach authors"  # noqa: A001 - Sphinx's own name
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Outreach"
html_show_sourcelink = False
exclude_patterns = ["examples", "images"]
