"""Live answers over the register: figures with the rows behind them, what changed, and what needs somebody today."""
