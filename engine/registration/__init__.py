"""Where the pitch lies in each picture of a camera that moves."""
