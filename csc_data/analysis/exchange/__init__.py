"""What leaves one authority for pooling with others, and how small counts in it are protected."""
