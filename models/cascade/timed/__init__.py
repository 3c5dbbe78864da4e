"""The compiled engine with all rules of the model."""
