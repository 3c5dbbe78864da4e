"""What a user does, without Dash and without HTTP."""
