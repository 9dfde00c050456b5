"""How indicators are worked out from the children looked after return: who is in the numerator, who in the denominator."""
