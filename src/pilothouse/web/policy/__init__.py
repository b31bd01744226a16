"""The faces of the policy: keys, upstreams, models, budgets, stops, a system's rules, what if."""
