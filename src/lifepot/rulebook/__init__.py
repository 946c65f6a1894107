"""The rulebook: what a scheme promises, dated and declared, said once and read by everything else."""
