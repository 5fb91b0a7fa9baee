"""What a node remembers: SQLite, one file a noun, SQL written out."""
