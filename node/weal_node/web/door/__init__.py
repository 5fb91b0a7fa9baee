"""The door of the page: who may pass, how the door says no."""
