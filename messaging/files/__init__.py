"""Files that people send: what they are, how they are stored, and the links by which they are seen."""
