"""The orchestrator: REST in front, durable jobs in the middle, a relational database below."""
