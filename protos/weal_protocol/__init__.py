"""What node and coordinator must compute or read alike; no I/O in here."""
