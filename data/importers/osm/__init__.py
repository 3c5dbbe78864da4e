"""OpenStreetMap extracts: assets, networks, people and a base map from one file."""
