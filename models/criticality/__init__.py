"""Which knock-outs matter most."""
