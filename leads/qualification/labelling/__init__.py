"""Labels of a brief and the learner that is made of them: what it knows, decides alone, and how often it is wrong."""
