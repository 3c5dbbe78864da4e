"""What the page gets as data: features, pictures, differences, columns."""
