"""The person's page: server-rendered, on loopback only, every form works without JavaScript."""
