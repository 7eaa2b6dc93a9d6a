"""What a kernel needs to make a work paper: frozen inputs in, results out. Imports no store and no verb."""
