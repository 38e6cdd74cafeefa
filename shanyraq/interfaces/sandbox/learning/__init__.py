"""Schools, colleges, clubs and who learns and works there: arrays first, rows afterwards."""
