"""What to do next for each reason: one sentence a reason, shown beside the detail of what happened."""

from collections.abc import Mapping

from wisehosting_cp.deployments.status import DeploymentReason
from wisehosting_cp.instances.sentences import NEXT_STEP as OF_INSTANCES

R = DeploymentReason

NEXT_STEP: Mapping[DeploymentReason, str] = {
    **{R(reason): sentence for reason, sentence in OF_INSTANCES.items()},
    R.newer_push: "Look at the newer deployment.",
    R.rolled_back: "Look at the rollback.",
    R.cancelled_by_user: "Deploy again when you are ready.",
    R.cancelled: "Deploy again when you are ready.",
    R.deleted: "Restore the project, then deploy again.",
    R.repository_unreachable: "Check the repository's address and that its server is up, then deploy again.",
    R.repository_not_found: "Check the repository's address in the settings, then deploy again.",
    R.repository_private: "Make the repository public, or serve it from an address that needs no sign-in; linked accounts come later.",
    R.repository_empty: "Push a first commit, then deploy again.",
    R.repository_too_large: "Remove large files from the repository, or exclude them in .containerignore, then push.",
    R.branch_gone: "Choose a branch that exists in the settings, or push this one again.",
    R.root_directory_missing: "Correct the root directory in the settings, or push the folder.",
    R.no_containerfile: "Correct the name of the Containerfile, or push the file.",
    R.not_detected: "Do what the sentence says, or add a Containerfile to the root directory, and push.",
    R.containerfile_refused: "Correct the Containerfile and push.",
    R.settings_refused: "Correct wisehosting.toml and push.",
    R.build_failed: "Look at the failing step in the log, correct it and push.",
    R.build_out_of_memory: "Make the build use less memory, then push.",
    R.build_out_of_time: "Make the build faster, then push.",
    R.build_out_of_disk: "Make the build write less, then push.",
    R.disk_full: "Ask the operator to run wh-cp disk and free space on the worker, then deploy again.",
    R.base_image_missing: "Correct the FROM line; the workers page lists the base images there are.",
    R.pool_empty: "Delete what is not used, or ask the operator to raise the pool.",
    R.no_worker: "Look at the workers page, then deploy again.",
    R.too_many_instances: "Scale down, then deploy again.",
    R.probe_failed: "Deploy again; if it repeats, tell the operator.",
    R.deadline_passed: "Look at the log, then deploy again.",
    R.worker_lost: "Deploy again once a worker is ready.",
}
