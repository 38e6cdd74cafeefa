"""Whether an enrolment contradicts what else is known: evidence, its weight, and what was decided."""
