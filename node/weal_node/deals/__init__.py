"""Deals with other people: drafts, negotiation by the agents, ratification by the people, outcome."""
