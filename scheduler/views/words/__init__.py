"""What readers read: words in each language, names, places, and lines that are safe."""
