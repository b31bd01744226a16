"""What `bench/gateway.py` is made of: a mock upstream, a client, and the gateways that it compares."""
