"""Events and outcomes as a live screen, plain lines or JSON. Only this package imports rich, and late."""
