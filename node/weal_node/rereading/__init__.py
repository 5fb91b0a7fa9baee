"""What a person finds in their own notes when they ask: the vault read by rule, in stages, and what they said of each line."""
