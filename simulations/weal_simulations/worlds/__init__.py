"""Worlds: the people, their tastes and what they are asked, made up or read from real data."""
