"""Pages of placement: the family, the kindergarten, the district, and what anyone may see."""
