"""The gate before speaking: when the agent may address its person unasked. Pure; clock and settings are arguments."""
