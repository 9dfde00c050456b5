"""Reference data: postcodes, local authorities, working days, registered providers."""
