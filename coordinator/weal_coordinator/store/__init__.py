"""What a coordinator remembers: SQL written out, one file a noun, SQLite by default."""
