"""The network that tells goalkeepers and referees from players."""
