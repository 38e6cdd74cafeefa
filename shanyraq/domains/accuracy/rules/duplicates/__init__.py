"""Two records of one person: how they are found among millions, how alike they are, and why."""
