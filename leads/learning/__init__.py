"""What past outcomes can tell about new leads, and how well: measured on rows that were not learned from.

Pure arithmetic over tables of numbers. It knows no campaign and no conversation; whoever has outcomes brings them as a
table.
"""
