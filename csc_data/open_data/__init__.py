"""Open data in the layout of Explore Education Statistics: files written, checked and audited, whoever made them."""
