"""What happens: one file for each verb of the loop, on ports only."""
