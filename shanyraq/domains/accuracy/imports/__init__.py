"""What accuracy takes from files."""
