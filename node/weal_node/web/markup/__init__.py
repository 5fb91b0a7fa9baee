"""A note as HTML that can do nothing: Markdown, links, pictures, formulas."""
