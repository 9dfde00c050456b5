"""A yearly census of workers, in which there is nobody else."""
