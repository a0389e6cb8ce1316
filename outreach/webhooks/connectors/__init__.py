"""The systems that events go to, behind one protocol; a module each."""
