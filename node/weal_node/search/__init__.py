"""Search as pure rules: what was asked, what is a passage, how two rankings become one, what of a passage is shown."""
