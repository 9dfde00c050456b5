"""How indicators are worked out from the children in need census: who is in the numerator, who in the denominator."""
