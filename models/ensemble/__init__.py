"""Many runs of one scenario with uncertain numbers drawn."""
