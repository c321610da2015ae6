"""Where base images get what is not a Debian package: each source says what it takes and checks what it got."""
