"""Notes from elsewhere: planned first, then brought, sorted and watched."""
