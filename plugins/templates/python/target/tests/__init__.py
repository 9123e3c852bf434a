"""What is pure, on this machine: `python3 -m unittest`."""
