"""Of the kit, with nothing but the standard library: `python3 -m unittest` in the folder above."""
