"""OneRoster 1.1 and 1.2: packages of CSV read, checked and put into our words; written; and the rostering service."""
