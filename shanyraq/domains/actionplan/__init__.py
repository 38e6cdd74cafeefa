"""The action plan of the Concept: measures, who carries them out, and when."""
