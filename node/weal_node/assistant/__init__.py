"""Language models: what one may be asked, written down before it is sent."""
