"""Clean rows into the tables: staged by COPY, inserted or updated in rounds, undone from before-images."""
