"""The web door: routes that translate a request into plain values, call one function, and render what it returns."""
