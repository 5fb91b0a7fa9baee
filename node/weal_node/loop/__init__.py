"""The loop: each file is one step, named after its verb. Start reading here."""
