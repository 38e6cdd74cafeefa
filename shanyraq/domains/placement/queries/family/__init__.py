"""What a family sees, as plain values: its children, an application, an offer, a record, exchanges."""
