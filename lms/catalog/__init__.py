"""What content/ says, checked, published and read back as immutable values."""
