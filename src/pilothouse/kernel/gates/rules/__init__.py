"""Pure judgement of gates: what may run, where a stage leads, when a gap is due, what a manifest's change means."""
