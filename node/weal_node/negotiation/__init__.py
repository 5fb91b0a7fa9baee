"""Bargaining without a mediator: pure functions from a transcript and one's own utilities to what to say next."""
