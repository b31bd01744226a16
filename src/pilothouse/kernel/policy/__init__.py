"""What may be called: keys, upstreams, models, prices, budgets, stops, and the signed snapshot made of them."""
