"""The conformance kit: runs an engine through the contract and says what holds."""
