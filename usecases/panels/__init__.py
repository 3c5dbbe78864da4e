"""What the panels beside the map show, each from what the page sent, unchecked."""
