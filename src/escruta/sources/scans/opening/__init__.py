"""How a file of unknown content becomes pixels: its kind from its bytes, its limits before it is decoded."""
