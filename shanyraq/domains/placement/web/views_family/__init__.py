"""Pages of the family: its children, an application step by step, offers, vouchers, swaps."""
