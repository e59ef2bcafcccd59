"""All that is said to readers: words in each language, names, places, and lines that are safe."""
