"""The bench: what a study is, how it is run and reported."""
