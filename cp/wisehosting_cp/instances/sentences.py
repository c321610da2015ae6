"""What to do next when an instance is not well: one sentence a reason, shown beside the detail of what happened."""

from collections.abc import Mapping

NEXT_STEP: Mapping[str, str] = {
    "crashed_at_start": "Look at the last lines the app wrote, correct it and push.",
    "crash_loop": "Look at the last lines the app wrote, correct it and push, or roll back.",
    "nothing_listens": "Make the app listen on 0.0.0.0 and the port in $PORT, then push.",
    "wrong_port": "Make the app listen on $PORT, or EXPOSE the port it uses, then push.",
    "never_ready": "Make GET / answer below 500, then push.",
    "out_of_memory": "Make the app use less memory, then push.",
    "needs_capability": "Make the image run as an ordinary user on a port above 1023, then push.",
    "no_start_command": "Add CMD or ENTRYPOINT to the Containerfile and push.",
    "isolation_broken": "Tell the operator: this worker does not isolate containers as it must.",
    "image_missing": "Deploy again: the image is built afresh.",
    "worker_error": "Deploy again; if it repeats, tell the operator.",
}
