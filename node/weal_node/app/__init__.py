"""The node as a whole: plain objects built once and handed to each other, in one event loop."""
