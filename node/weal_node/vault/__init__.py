"""The person's notes: a folder of Markdown under git that any editor may open."""
