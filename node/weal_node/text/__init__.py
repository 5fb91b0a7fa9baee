"""Text as pure rules: words, passages, queries and snippets. No disk, no network, no clock."""
