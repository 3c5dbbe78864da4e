"""Content of the panels beside the map; input is the page's, unchecked."""
