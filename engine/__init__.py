"""The bundled analysis engine: a process of its own that turns a video into rows about people and the ball."""

ENGINE_NAME = "coach-pro"
ENGINE_VERSION = "0.1.0"
