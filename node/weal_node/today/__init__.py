"""What the agent brings up unasked: what it found, whether it may speak, and the cards of the page."""
