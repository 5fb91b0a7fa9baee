"""Sealed letters to and from other agents."""
