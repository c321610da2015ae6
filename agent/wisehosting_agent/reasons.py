"""Why a build or an instance failed, as the control plane's deployments know it. Sent as text; the control plane refuses others."""

import enum


class Reason(enum.StrEnum):
    """Reasons a worker can give."""

    repository_unreachable = "repository_unreachable"
    repository_not_found = "repository_not_found"
    repository_private = "repository_private"
    repository_empty = "repository_empty"
    repository_too_large = "repository_too_large"
    branch_gone = "branch_gone"
    root_directory_missing = "root_directory_missing"
    no_containerfile = "no_containerfile"
    containerfile_refused = "containerfile_refused"
    build_failed = "build_failed"
    build_out_of_memory = "build_out_of_memory"
    build_out_of_time = "build_out_of_time"
    build_out_of_disk = "build_out_of_disk"
    base_image_missing = "base_image_missing"
    crashed_at_start = "crashed_at_start"
    nothing_listens = "nothing_listens"
    wrong_port = "wrong_port"
    never_ready = "never_ready"
    out_of_memory = "out_of_memory"
    needs_capability = "needs_capability"
    no_start_command = "no_start_command"
    isolation_broken = "isolation_broken"
    image_missing = "image_missing"
    pool_empty = "pool_empty"
    cancelled = "cancelled"
    worker_error = "worker_error"
