"""Reading what other tools tell of calls: telemetry (`otlp`) and logs (`logs`), each into `Seen`."""
