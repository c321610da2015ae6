// Made by npm run schema from the server's /api/openapi.json. Do not edit.
export interface paths {
    "/api/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page
         * @description List the projects of one's teams, newest first.
         */
        get: operations["list_projects"];
        put?: never;
        /**
         * Create
         * @description Make a project from a Git address; its first deployment is queued unless `deploy` is false.
         */
        post: operations["create_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get
         * @description Return a project.
         */
        get: operations["get_project"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Delete a project: it stops serving at once and can be restored until `purge_at`; `for_good` ends that time now.
         *
         *     Needs a step-up.
         */
        delete: operations["delete_project"];
        options?: never;
        head?: never;
        /**
         * Change
         * @description Set where the code comes from and how it is built. The next deployment goes by it.
         *
         *     With If-Match of `settings_version`, only as long as that is what is set.
         */
        patch: operations["change_project"];
        trace?: never;
    };
    "/api/v1/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Plan Of
         * @description Look into a repository and say what would be built, and why. Nothing is stored or started.
         */
        post: operations["plan_build"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Project Plan
         * @description Look into the project's branch and say what the next deployment would build, and why.
         */
        get: operations["get_plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore
         * @description Take a project's deletion back: what was live is started again from what was kept.
         */
        post: operations["restore_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete Environment
         * @description Delete a preview environment; it can be restored until its `purge_at`.
         */
        delete: operations["delete_environment"];
        options?: never;
        head?: never;
        /**
         * Change Environment
         * @description Set how many instances run. They are added to or drained from what is live; no deployment is made.
         */
        patch: operations["change_environment"];
        trace?: never;
    };
    "/api/v1/environments/{environment_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore Environment
         * @description Take an environment's deletion back.
         */
        post: operations["restore_environment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check
         * @description Look at the branch now; a commit that was not seen before is deployed.
         */
        post: operations["check_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/hook-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hook Secret
         * @description Make a new secret for the project's webhook. The answer shows it, this once; the old one ends.
         */
        post: operations["new_hook_secret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End
         * @description Sign out. A token cannot be signed out; revoke it instead.
         */
        post: operations["end_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Session View
         * @description Return who is signed in, and what a client needs to know of the platform.
         */
        get: operations["get_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tokens
         * @description List one's own tokens that still work, newest first.
         */
        get: operations["list_tokens"];
        put?: never;
        /**
         * Create Token
         * @description Make a token. The answer shows it, this once. One with the scope admin needs a step-up.
         */
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Token
         * @description Revoke one of one's own tokens; it stops working at once.
         */
        delete: operations["revoke_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page
         * @description List one's teams, the personal one first; a deleted one is there for its owners as long as it can be restored.
         */
        get: operations["list_teams"];
        put?: never;
        /**
         * Create
         * @description Make a team. Whoever makes it owns it.
         */
        post: operations["create_team"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/teams/{team_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get
         * @description Return a team with its people, and for whoever may invite with its invitations.
         */
        get: operations["get_team"];
        put?: never;
        post?: never;
        /**
         * Delete Team
         * @description Delete a team that has no projects; until `purge_at` its owners can restore it. Needs a step-up.
         */
        delete: operations["delete_team"];
        options?: never;
        head?: never;
        /**
         * Change
         * @description Rename a team, or say whether its members need a second factor, which takes a step-up. URLs of projects stay.
         */
        patch: operations["change_team"];
        trace?: never;
    };
    "/api/v1/teams/{team_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore
         * @description Take the deletion of a team back. A second run changes nothing.
         */
        post: operations["restore_team"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/teams/{team_id}/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand Over
         * @description Make a member the owner in one's place; one stays as admin. Needs a step-up.
         */
        post: operations["hand_over_team"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/teams/{team_id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Member
         * @description Take a member out of a team, or leave it.
         */
        delete: operations["remove_member"];
        options?: never;
        head?: never;
        /**
         * Change Member
         * @description Give a member another role. It holds at once, also where they are signed in. Making an owner needs a step-up.
         */
        patch: operations["change_member"];
        trace?: never;
    };
    "/api/v1/teams/{team_id}/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Invite
         * @description Invite an e-mail address. The answer holds the link to send, this once. Inviting an owner needs a step-up.
         */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/teams/{team_id}/invitations/{invitation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take Back
         * @description Take an invitation back; its link stops working at once.
         */
        delete: operations["revoke_invitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/offer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Offer
         * @description Return what an invitation offers to whoever holds its link. Looking uses nothing up.
         */
        post: operations["get_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept
         * @description Accept an invitation where one is signed in with its address already.
         */
        post: operations["accept_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page
         * @description List the browsers one is signed in with, newest first.
         */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke
         * @description Sign one of one's browsers out. It takes effect within a second, open streams included.
         */
        delete: operations["revoke_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions/revoke-others": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke Others
         * @description Sign all of one's browsers out but the one that asks. Needs a step-up.
         */
        post: operations["revoke_other_sessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get
         * @description Show what one can give as a second factor.
         */
        get: operations["get_second_factor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin
         * @description Begin to set up an authenticator app. It counts when confirmed; until then another call makes another secret.
         */
        post: operations["begin_totp"];
        /**
         * Remove
         * @description Take the authenticator app away. The recovery codes go with the last factor.
         */
        delete: operations["remove_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm
         * @description Confirm the authenticator app with a code of it. From now on signing in takes a second factor.
         */
        post: operations["confirm_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Recovery Codes
         * @description Make ten new recovery codes. The ones before end.
         */
        post: operations["make_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Cancel Reset
         * @description Keep the second factor, which an operator was told is lost.
         */
        delete: operations["cancel_second_factor_reset"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page
         * @description List one's passkeys, oldest first; there are at most twenty, so it is one page.
         */
        get: operations["list_passkeys"];
        put?: never;
        /**
         * Register
         * @description Keep the passkey that the browser made. From now on signing in takes a second factor.
         */
        post: operations["register_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Options
         * @description Begin to make a passkey: what `navigator.credentials.create` takes, by `parseCreationOptionsFromJSON`.
         */
        post: operations["begin_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/passkeys/{passkey_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove
         * @description Take a passkey away. The recovery codes go with the last factor.
         */
        delete: operations["remove_passkey"];
        options?: never;
        head?: never;
        /**
         * Rename
         * @description Give a passkey another name.
         */
        patch: operations["rename_passkey"];
        trace?: never;
    };
    "/api/v1/session/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get
         * @description Show who is about to sign in, and what they can give.
         */
        get: operations["get_sign_in"];
        put?: never;
        /**
         * Finish
         * @description Give the second factor: an own cookie is exchanged for the session's.
         */
        post: operations["finish_sign_in"];
        /**
         * Cancel
         * @description Give this sign-in up.
         */
        delete: operations["cancel_sign_in"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/second-factor/passkey-options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Passkey Options
         * @description Begin to give a passkey: what `navigator.credentials.get` takes, by `parseRequestOptionsFromJSON`.
         */
        post: operations["begin_sign_in_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/step-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get
         * @description Show whether dangerous acts are possible now, and what to do first when they are not.
         */
        get: operations["get_step_up"];
        put?: never;
        /**
         * Give
         * @description Give the second factor again: dangerous acts are possible for 10 minutes.
         */
        post: operations["step_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/step-up/passkey-options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Passkey Options
         * @description Begin to give a passkey: what `navigator.credentials.get` takes, by `parseRequestOptionsFromJSON`.
         */
        post: operations["begin_step_up_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page
         * @description List everybody who has an account, newest first.
         */
        get: operations["list_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{user_id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable
         * @description Shut somebody out: sessions and tokens end within a second. Needs a step-up. A second run changes nothing.
         */
        post: operations["disable_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{user_id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable
         * @description Let somebody sign in again; tokens have to be made anew. Needs a step-up. A second run changes nothing.
         */
        post: operations["enable_person"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment_id}/variables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Variables
         * @description List names and scopes. Values are write-only. The ETag is the version in quotes.
         */
        get: operations["get_variables"];
        /**
         * Write Variables
         * @description Write and remove variables as one new version; the next deployment uses it. With If-Match, only at that version.
         */
        put: operations["write_variables"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Roles
         * @description List the members who have another role in this project than in its team.
         */
        get: operations["list_project_roles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/roles/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set Role
         * @description Give a member another role in this project: more than in the team, or less.
         */
        put: operations["set_project_role"];
        post?: never;
        /**
         * Clear Role
         * @description Let the role in the team count again. A second run changes nothing.
         */
        delete: operations["clear_project_role"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page
         * @description List deployments, newest first.
         */
        get: operations["list_deployments"];
        put?: never;
        /**
         * Start
         * @description Deploy the project's branch, or the ref named. Watch the answer's id.
         */
        post: operations["start_deployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page Of Teams
         * @description List the deployments of all projects of your teams, newest first. `status` may be given more than once.
         */
        get: operations["list_team_deployments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{deployment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get
         * @description Return a deployment.
         */
        get: operations["get_deployment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{deployment_id}/build": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Build
         * @description Return how the deployment's image came to be. 404 while no build has begun.
         */
        get: operations["get_build"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{deployment_id}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Changes
         * @description Return what a deployment changes against the release that was live before it. Of variables only the names.
         */
        get: operations["get_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{deployment_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel
         * @description Cancel an active deployment. What is live stays live.
         */
        post: operations["cancel_deployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment_id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rollback
         * @description Make an old release live again, its variables included.
         */
        post: operations["roll_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment_id}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restart
         * @description Replace the live instances by new ones of the same release.
         */
        post: operations["restart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment_id}/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Releases
         * @description List releases, newest first, and how each can be made live again.
         */
        get: operations["list_releases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{deployment_id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Log
         * @description Stream the build log as server-sent events until the deployment is over; resumes after `Last-Event-ID`.
         *
         *     With `format=json` it is read in pages. As long as lines may follow, a page has a `next_cursor`, also an empty one.
         */
        get: operations["deployment_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Instances
         * @description List the instances that exist or should, oldest first: of all your teams, of one environment, on one worker.
         */
        get: operations["list_instances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/worker-loads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Worker Loads
         * @description List how many instances each worker holds, and the memory promised to them. Workers without any are left out.
         */
        get: operations["list_worker_loads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Workers
         * @description List workers.
         */
        get: operations["list_workers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{worker_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Worker
         * @description Show one worker.
         */
        get: operations["get_worker"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Jobs
         * @description List jobs, newest first.
         */
        get: operations["list_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment_id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Environment Log
         * @description Follow the logs of an environment's instances as server-sent events, or read the last lines as JSON.
         *
         *     The JSON is one page without a cursor: it merges the ends of several logs that all go on, so a place in it would be
         *     a place in each of them. Whoever wants what follows takes the events, which resume after `Last-Event-ID`.
         */
        get: operations["environment_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Page
         * @description List what was done in the teams one administers, newest first; operators also see what concerns no team.
         */
        get: operations["list_audit_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit-events/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export
         * @description Return the same as JSON lines, oldest first, with the seal of each row.
         */
        get: operations["export_audit_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/platform": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Platform
         * @description Return whether the platform can build and run apps now.
         */
        get: operations["get_platform"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events
         * @description Stream what changes, each whole: `deployment`, `project`, `instance`, `team`, `worker`, `platform`, `access`.
         *
         *     It is of one's teams, and as one may see it. It goes on after `Last-Event-ID`, or begins with what changed `within`
         *     the last seconds: for a page that asked for its data so long ago. Where it cannot tell what changed, it says
         *     `missed`; then load anew what you show.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hooks/{hook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive
         * @description Take a provider's call. It is a hint: the branch is read again, and deployed when it moved.
         *
         *     An unknown address and a wrong signature get the same 404.
         */
        post: operations["receive_hook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AuditEventView
         * @description Who did what to which thing, when, from where.
         */
        AuditEventView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Actor */
            actor: string;
            /** Actor Name */
            actor_name?: string | null;
            /** Action */
            action: string;
            /** Subject */
            subject: string;
            /** Subject Name */
            subject_name?: string | null;
            /** Team Id */
            team_id: string | null;
            /** Address */
            address: string;
            /** Request Id */
            request_id: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
        };
        /**
         * BaseChange
         * @description What became of the base images an app stands on.
         * @enum {string}
         */
        BaseChange: "same" | "newer" | "older" | "other" | "unknown";
        /**
         * BaseChangeView
         * @description What became of the base images.
         */
        BaseChangeView: {
            change: components["schemas"]["BaseChange"];
            /** Before */
            before: string[];
            /** After */
            after: string[];
        };
        /**
         * BaseView
         * @description A base image a worker has or is making.
         */
        BaseView: {
            /** Name */
            name: string;
            /** Status */
            status: string;
            /** Seconds */
            seconds: number;
            /** Detail */
            detail: string;
            /** On Demand */
            on_demand: boolean;
        };
        /**
         * BrowserSessionView
         * @description A signed-in browser.
         */
        BrowserSessionView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Device */
            device: string;
            /** Address */
            address: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Last Seen At */
            last_seen_at: string | null;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Current */
            current: boolean;
        };
        /**
         * BuildPlanView
         * @description What the builder detected: how the image is made, and why.
         */
        BuildPlanView: {
            /** Stack */
            stack: string;
            /**
             * Framework
             * @default
             */
            framework?: string;
            /**
             * Version
             * @default
             */
            version?: string;
            /** Summary */
            summary: string;
            /**
             * Found
             * @default []
             */
            found?: string[];
            /**
             * Notes
             * @default []
             */
            notes?: string[];
            /**
             * Install
             * @default
             */
            install?: string;
            /**
             * Build
             * @default
             */
            build?: string;
            /**
             * Start
             * @default []
             */
            start?: string[];
            /** Port */
            port: number;
            /**
             * Images
             * @default []
             */
            images?: string[];
            /**
             * Containerfile
             * @default
             */
            containerfile?: string;
        };
        /**
         * BuildSettingsBody
         * @description Empty fields are left to detection.
         */
        BuildSettingsBody: {
            /**
             * Containerfile
             * @default
             */
            containerfile?: string;
            /**
             * Target
             * @default
             */
            target?: string;
            /**
             * Image
             * @default
             */
            image?: string;
            /**
             * Stack
             * @default
             */
            stack?: string;
            /**
             * Version
             * @default
             */
            version?: string;
            /**
             * Install
             * @default
             */
            install?: string;
            /**
             * Build
             * @default
             */
            build?: string;
            /** Start */
            start?: string[];
            /** Packages */
            packages?: string[];
            /**
             * Output
             * @default
             */
            output?: string;
            /**
             * Fallback
             * @default
             */
            fallback?: string;
            /** Port */
            port?: number | null;
        };
        /**
         * BuildStepView
         * @description An instruction of the Containerfile that was carried out, or begun.
         */
        BuildStepView: {
            /** Number */
            number: number;
            /** Instruction */
            instruction: string;
            /** Seconds */
            seconds: number;
            /** Cached */
            cached: boolean;
            /** Stage */
            stage: string;
        };
        /**
         * BuildView
         * @description How a deployment's image came to be.
         */
        BuildView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Commit */
            commit: string | null;
            /** Reused */
            reused: boolean;
            /** Image */
            image: string | null;
            /** Image Size */
            image_size: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Finished At */
            finished_at: string | null;
            plan: components["schemas"]["BuildPlanView"] | null;
            /** Steps */
            steps: components["schemas"]["BuildStepView"][];
            /** Failed Step */
            failed_step: number | null;
            /** Last Lines */
            last_lines: string[];
            hint: components["schemas"]["HintView"] | null;
        };
        /**
         * Cause
         * @description What started a deployment.
         * @enum {string}
         */
        Cause: "first" | "api" | "poll" | "hook" | "rollback" | "restart" | "restore";
        /**
         * ChangeState
         * @description How much is known of what changed.
         * @enum {string}
         */
        ChangeState: "first" | "building" | "not_built" | "same" | "changed";
        /**
         * CheckView
         * @description What a look found.
         */
        CheckView: {
            /** Changed */
            changed: boolean;
            /** Commit */
            commit: string | null;
            /** Subject */
            subject: string | null;
            deployment: components["schemas"]["DeploymentView"] | null;
            /** Error */
            error: string | null;
        };
        /**
         * DeploymentChangesView
         * @description What a deployment changes against the release that was live before it.
         */
        DeploymentChangesView: {
            state: components["schemas"]["ChangeState"];
            previous: components["schemas"]["PreviousView"] | null;
            /** Commit */
            commit: string | null;
            /** Backwards */
            backwards: boolean;
            /** Compare Url */
            compare_url: string | null;
            variables: components["schemas"]["VariableChangesView"];
            /** Image Rebuilt */
            image_rebuilt: boolean | null;
            /** Image Size Before */
            image_size_before: number | null;
            /** Image Size */
            image_size: number | null;
            base: components["schemas"]["BaseChangeView"] | null;
            /** Settings */
            settings: components["schemas"]["SettingChangeView"][] | null;
            /** Replicas */
            replicas: number;
        };
        /**
         * DeploymentReason
         * @description Why a deployment ended as it did.
         * @enum {string}
         */
        DeploymentReason: "newer_push" | "rolled_back" | "cancelled_by_user" | "cancelled" | "deleted" | "repository_unreachable" | "repository_not_found" | "repository_private" | "repository_empty" | "repository_too_large" | "branch_gone" | "root_directory_missing" | "no_containerfile" | "not_detected" | "containerfile_refused" | "settings_refused" | "build_failed" | "build_out_of_memory" | "build_out_of_time" | "build_out_of_disk" | "disk_full" | "base_image_missing" | "crashed_at_start" | "crash_loop" | "nothing_listens" | "wrong_port" | "never_ready" | "out_of_memory" | "needs_capability" | "no_start_command" | "isolation_broken" | "image_missing" | "pool_empty" | "worker_error" | "no_worker" | "too_many_instances" | "probe_failed" | "deadline_passed" | "worker_lost";
        /**
         * DeploymentStart
         * @description `ref` names a branch, tag or commit; the project's branch when absent.
         */
        DeploymentStart: {
            /** Ref */
            ref?: string | null;
        };
        /**
         * DeploymentStatus
         * @description Where an attempt to make a release live stands.
         * @enum {string}
         */
        DeploymentStatus: "queued" | "building" | "starting" | "verifying" | "live" | "replaced" | "failed" | "cancelled";
        /**
         * DeploymentView
         * @description A deployment as everybody sees it.
         */
        DeploymentView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: number;
            /**
             * Project Id
             * Format: uuid
             */
            project_id: string;
            /** Project Name */
            project_name: string;
            /**
             * Environment Id
             * Format: uuid
             */
            environment_id: string;
            status: components["schemas"]["DeploymentStatus"];
            reason: components["schemas"]["DeploymentReason"] | null;
            /** Detail */
            detail: string | null;
            /** Next Step */
            next_step: string | null;
            cause: components["schemas"]["Cause"];
            /** Ref */
            ref: string;
            /** Commit */
            commit: string | null;
            /** Subject */
            subject: string | null;
            /** Author */
            author: string | null;
            /** Release */
            release: number | null;
            /** Url */
            url: string;
            /** Closed Streams */
            closed_streams: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Started At */
            started_at: string | null;
            /** Finished At */
            finished_at: string | null;
            /** Phases */
            phases: components["schemas"]["PhaseView"][];
            /** Waiting For */
            waiting_for: string | null;
        };
        /**
         * Disable
         * @description Shut somebody out.
         */
        Disable: {
            /**
             * Although Last Owner
             * @default false
             */
            although_last_owner?: boolean;
        };
        /**
         * DiskView
         * @description What images and containers take on a worker, in bytes of real disk use.
         */
        DiskView: {
            /** Budget Bytes */
            budget_bytes: number | null;
            /** Used Bytes */
            used_bytes: number;
            /** Free Bytes */
            free_bytes: number;
        };
        /**
         * EndView
         * @description The last time an instance ended by itself.
         */
        EndView: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Reason */
            reason: string | null;
            /** Detail */
            detail: string | null;
            /** Next Step */
            next_step: string | null;
            /** Exit Code */
            exit_code: number | null;
        };
        /**
         * EnvironmentChange
         * @description What is set of an environment, whole or in part.
         */
        EnvironmentChange: {
            /** Replicas */
            replicas?: number | null;
        };
        /**
         * EnvironmentKind
         * @description What an environment is for.
         * @enum {string}
         */
        EnvironmentKind: "production" | "preview";
        /**
         * EnvironmentView
         * @description An environment with what is live and what came last.
         */
        EnvironmentView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            kind: components["schemas"]["EnvironmentKind"];
            /** Hostname */
            hostname: string;
            /** Url */
            url: string;
            /** Replicas */
            replicas: number;
            /** Deleted At */
            deleted_at: string | null;
            /** Purge At */
            purge_at: string | null;
            live: components["schemas"]["DeploymentView"] | null;
            latest: components["schemas"]["DeploymentView"] | null;
            /** Rebuild */
            rebuild: string | null;
        };
        /**
         * FactorAdded
         * @description A factor counts from now on.
         */
        FactorAdded: {
            /** Recovery Codes */
            recovery_codes: string[] | null;
        };
        /**
         * FactorsView
         * @description What one can give as a second factor.
         */
        FactorsView: {
            /** Totp */
            totp: boolean;
            /** Passkeys */
            passkeys: number;
            /** Recovery Codes */
            recovery_codes: number;
            /** Reset At */
            reset_at: string | null;
        };
        /**
         * FileSettingsView
         * @description What a repository's wisehosting.toml says of its build. Empty fields are said by nobody there.
         */
        FileSettingsView: {
            /** Containerfile */
            containerfile: string;
            /** Target */
            target: string;
            /** Image */
            image: string;
            /** Stack */
            stack: string;
            /** Version */
            version: string;
            /** Install */
            install: string;
            /** Build */
            build: string;
            /** Start */
            start: string[];
            /** Packages */
            packages: string[];
            /** Output */
            output: string;
            /** Fallback */
            fallback: string;
            /** Port */
            port: number | null;
        };
        /**
         * FirewallView
         * @description Result of the worker's last isolation probe.
         */
        FirewallView: {
            /** Closed */
            closed: boolean;
            /** Probes */
            probes: {
                [key: string]: boolean;
            };
            /** Detail */
            detail: string;
        };
        /**
         * HalfSignedInView
         * @description Who is about to sign in, and what they can give as a second factor.
         */
        HalfSignedInView: {
            /** Name */
            name: string;
            /** Email */
            email: string;
            factors: components["schemas"]["FactorsView"];
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
        };
        /**
         * HandOver
         * @description Who owns the team from now on.
         */
        HandOver: {
            /**
             * User Id
             * Format: uuid
             */
            user_id: string;
        };
        /**
         * HintView
         * @description What is probably wrong, for a mistake that many make.
         */
        HintView: {
            /** Title */
            title: string;
            /** Sentence */
            sentence: string;
        };
        /**
         * HookAnswer
         * @description The deployment that was started, when it was already known.
         */
        HookAnswer: {
            /** Deployment */
            deployment: string | null;
        };
        /**
         * HookSecretView
         * @description A new secret, shown this once.
         */
        HookSecretView: {
            /** Url */
            url: string;
            /** Secret */
            secret: string;
        };
        /**
         * HookView
         * @description Where a provider may call.
         */
        HookView: {
            /** Url */
            url: string;
        };
        /**
         * InstanceStatus
         * @description What an instance is.
         * @enum {string}
         */
        InstanceStatus: "pending" | "starting" | "ready" | "unready" | "exited" | "stopped" | "removed";
        /**
         * InstanceView
         * @description One container of one process of one deployment.
         */
        InstanceView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Environment Id
             * Format: uuid
             */
            environment_id: string;
            /**
             * Deployment Id
             * Format: uuid
             */
            deployment_id: string;
            /**
             * Project Id
             * Format: uuid
             */
            project_id: string;
            /** Project Name */
            project_name: string;
            /** Process */
            process: string;
            /** Worker */
            worker: string;
            /**
             * Worker Id
             * Format: uuid
             */
            worker_id: string;
            status: components["schemas"]["InstanceStatus"];
            wanted: components["schemas"]["Wanted"];
            /** Leaving */
            leaving: boolean;
            /** Reason */
            reason: string | null;
            /** Detail */
            detail: string | null;
            /** Next Step */
            next_step: string | null;
            /** Port */
            port: number;
            /** Restarts */
            restarts: number;
            /** Exit Code */
            exit_code: number | null;
            last_end: components["schemas"]["EndView"] | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * InvitationToken
         * @description What stands behind the # of an invitation's link.
         */
        InvitationToken: {
            /** Token */
            token: string;
        };
        /**
         * InvitationView
         * @description An invitation that nobody has accepted yet, without its link.
         */
        InvitationView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Email */
            email: string;
            role: components["schemas"]["Role"];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
        };
        /**
         * Invite
         * @description Whom to invite, as what, for how long.
         */
        Invite: {
            /** Email */
            email: string;
            /** @default developer */
            role?: components["schemas"]["Role"];
            /**
             * Expires In Days
             * @default 7
             */
            expires_in_days?: number;
        };
        /**
         * JobKind
         * @description What a job does.
         * @enum {string}
         */
        JobKind: "build";
        /**
         * JobStatus
         * @description Where a job stands.
         * @enum {string}
         */
        JobStatus: "queued" | "assigned" | "succeeded" | "failed" | "cancelled";
        /**
         * JobView
         * @description A job, without its payload.
         */
        JobView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            kind: components["schemas"]["JobKind"];
            status: components["schemas"]["JobStatus"];
            /**
             * Subject Id
             * Format: uuid
             */
            subject_id: string;
            /** Worker Id */
            worker_id: string | null;
            /** Attempt */
            attempt: number;
            /** Cancel Wanted */
            cancel_wanted: boolean;
            /** Reason */
            reason: string | null;
            /** Detail */
            detail: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Finished At */
            finished_at: string | null;
        };
        /**
         * LanguagePlanView
         * @description How a project without a Containerfile is built, and why.
         */
        LanguagePlanView: {
            /** Stack */
            stack: string;
            /** Framework */
            framework: string;
            /** Version */
            version: string;
            /** Summary */
            summary: string;
            /** Found */
            found: string[];
            /** Notes */
            notes: string[];
            /** Install */
            install: string;
            /** Build */
            build: string;
            /** Start */
            start: string[];
            /** Port */
            port: number;
            /** Images */
            images: string[];
            /** Containerfile */
            containerfile: string;
            /** Files */
            files: {
                [key: string]: string;
            };
        };
        /**
         * MemberView
         * @description Somebody in a team.
         */
        MemberView: {
            /**
             * User Id
             * Format: uuid
             */
            user_id: string;
            /** Name */
            name: string;
            /** Email */
            email: string;
            role: components["schemas"]["Role"];
            /** You */
            you: boolean;
        };
        /**
         * NewInvitationView
         * @description An invitation just made. Its link is shown this once.
         */
        NewInvitationView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Email */
            email: string;
            role: components["schemas"]["Role"];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Link */
            link: string;
        };
        /**
         * NewTokenView
         * @description A token just made. It is shown this once.
         */
        NewTokenView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /** Project Id */
            project_id: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Token */
            token: string;
        };
        /**
         * NewTotpView
         * @description A secret for an authenticator app. It is shown this once, and counts when confirmed with a code.
         */
        NewTotpView: {
            /** Secret */
            secret: string;
            /** Address */
            address: string;
            /** Qr Code */
            qr_code: string;
        };
        /**
         * OfferView
         * @description What an invitation offers.
         */
        OfferView: {
            /** Team */
            team: string | null;
            role: components["schemas"]["Role"] | null;
            /** Email */
            email: string | null;
            /** Invited By */
            invited_by: string | null;
            /** Operator */
            operator: boolean;
        };
        /** Page[AuditEventView] */
        Page_AuditEventView_: {
            /** Items */
            items: components["schemas"]["AuditEventView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[BrowserSessionView] */
        Page_BrowserSessionView_: {
            /** Items */
            items: components["schemas"]["BrowserSessionView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[DeploymentView] */
        Page_DeploymentView_: {
            /** Items */
            items: components["schemas"]["DeploymentView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[InstanceView] */
        Page_InstanceView_: {
            /** Items */
            items: components["schemas"]["InstanceView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[JobView] */
        Page_JobView_: {
            /** Items */
            items: components["schemas"]["JobView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[PasskeyView] */
        Page_PasskeyView_: {
            /** Items */
            items: components["schemas"]["PasskeyView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[PersonView] */
        Page_PersonView_: {
            /** Items */
            items: components["schemas"]["PersonView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[ProjectRoleView] */
        Page_ProjectRoleView_: {
            /** Items */
            items: components["schemas"]["ProjectRoleView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[ProjectView] */
        Page_ProjectView_: {
            /** Items */
            items: components["schemas"]["ProjectView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[ReleaseView] */
        Page_ReleaseView_: {
            /** Items */
            items: components["schemas"]["ReleaseView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[TeamRow] */
        Page_TeamRow_: {
            /** Items */
            items: components["schemas"]["TeamRow"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[TokenView] */
        Page_TokenView_: {
            /** Items */
            items: components["schemas"]["TokenView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[WorkerLoadView] */
        Page_WorkerLoadView_: {
            /** Items */
            items: components["schemas"]["WorkerLoadView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /** Page[WorkerView] */
        Page_WorkerView_: {
            /** Items */
            items: components["schemas"]["WorkerView"][];
            /** Next Cursor */
            next_cursor?: string | null;
        };
        /**
         * PasskeyAdded
         * @description A passkey counts from now on.
         */
        PasskeyAdded: {
            /** Recovery Codes */
            recovery_codes: string[] | null;
            passkey: components["schemas"]["PasskeyView"];
        };
        /**
         * PasskeyName
         * @description What a passkey is called.
         */
        PasskeyName: {
            /** Name */
            name: string;
        };
        /**
         * PasskeyRegister
         * @description A passkey that the browser has just made.
         */
        PasskeyRegister: {
            /** Name */
            name: string;
            /** Passkey */
            passkey: {
                [key: string]: unknown;
            };
        };
        /**
         * PasskeyView
         * @description A passkey, without its key.
         */
        PasskeyView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Last Used At */
            last_used_at: string | null;
        };
        /**
         * PersonView
         * @description Somebody who signed in at least once.
         */
        PersonView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Email */
            email: string;
            /** Operator */
            operator: boolean;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Disabled At */
            disabled_at: string | null;
        };
        /**
         * Phase
         * @description What a deployment passes through, in this order; those that did not happen are absent.
         * @enum {string}
         */
        Phase: "received" | "queued" | "checked_out" | "built" | "pushed" | "pulled" | "started" | "healthy" | "routed" | "verified";
        /**
         * PhaseView
         * @description A phase; `seconds` is null while it runs.
         */
        PhaseView: {
            phase: components["schemas"]["Phase"];
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /** Seconds */
            seconds: number | null;
        };
        /**
         * PlanAsked
         * @description A repository to look into.
         */
        PlanAsked: {
            source: components["schemas"]["SourceCreate"];
            build?: components["schemas"]["BuildSettingsBody"];
        };
        /**
         * PlanView
         * @description What would be built of the branch's newest commit.
         */
        PlanView: {
            /** Commit */
            commit: string;
            /** Subject */
            subject: string;
            way: components["schemas"]["Way"];
            /** Name */
            name: string;
            /** Settings File */
            settings_file: boolean;
            file: components["schemas"]["FileSettingsView"];
            plan: components["schemas"]["LanguagePlanView"] | null;
        };
        /**
         * PlatformFacts
         * @description What a client needs to know of the platform.
         */
        PlatformFacts: {
            /** Version */
            version: string;
            /** Local */
            local: boolean;
            /** Apps Domain */
            apps_domain: string;
            /** Apps Address */
            apps_address: string;
            /** Example Repository */
            example_repository: string | null;
            /** Poll Seconds */
            poll_seconds: number;
        };
        /**
         * PlatformView
         * @description Whether apps can be built and run now; `detail` says what it waits for.
         */
        PlatformView: {
            /** Version */
            version: string;
            /** Local */
            local: boolean;
            /** Apps Domain */
            apps_domain: string;
            /** Bases */
            bases: components["schemas"]["BaseView"][];
            workers: components["schemas"]["WorkerCount"];
            /**
             * State
             * @enum {string}
             */
            state: "ready" | "preparing";
            /** Detail */
            detail: string;
        };
        /**
         * PreviousView
         * @description The release that it is compared with.
         */
        PreviousView: {
            /** Release */
            release: number;
            /** Commit */
            commit: string | null;
        };
        /**
         * Problem
         * @description Why a request was not answered as asked (RFC 9457), in a sentence that says what to do.
         */
        Problem: {
            /** Type */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /** Request Id */
            request_id: string;
            /**
             * Fields
             * @default null
             */
            fields?: {
                [key: string]: string;
            } | null;
        };
        /**
         * ProjectChange
         * @description What is set of a project; the next deployment is made by it. `build` is replaced as a whole.
         */
        ProjectChange: {
            source?: components["schemas"]["SourceChange"] | null;
            build?: components["schemas"]["BuildSettingsBody"] | null;
        };
        /**
         * ProjectCreate
         * @description A new project; it is deployed at once unless `deploy` is false.
         */
        ProjectCreate: {
            /** Name */
            name: string;
            source: components["schemas"]["SourceCreate"];
            /** Team */
            team?: string | null;
            build?: components["schemas"]["BuildSettingsBody"];
            /**
             * Deploy
             * @default true
             */
            deploy?: boolean;
        };
        /**
         * ProjectRoleView
         * @description Somebody's role in one project where it is another than in the team.
         */
        ProjectRoleView: {
            /**
             * User Id
             * Format: uuid
             */
            user_id: string;
            /** Name */
            name: string;
            /** Email */
            email: string;
            role: components["schemas"]["Role"];
            team_role: components["schemas"]["Role"];
        };
        /**
         * ProjectView
         * @description A project as everybody in its team sees it.
         */
        ProjectView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Team Id
             * Format: uuid
             */
            team_id: string;
            source: components["schemas"]["SourceView"];
            build: components["schemas"]["BuildSettingsBody"];
            /** Settings Version */
            settings_version: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Deleted At */
            deleted_at: string | null;
            /** Purge At */
            purge_at: string | null;
            /** Environments */
            environments: components["schemas"]["EnvironmentView"][];
            last_seen: components["schemas"]["SeenView"] | null;
            /** Next Check At */
            next_check_at: string | null;
            hook: components["schemas"]["HookView"];
        };
        /**
         * Proof
         * @description A second factor, given: exactly one of these.
         */
        Proof: {
            /** Code */
            code?: string | null;
            /** Recovery Code */
            recovery_code?: string | null;
            /** Passkey */
            passkey?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * RecoveryCodesView
         * @description Ten new recovery codes. They are shown this once; the ones before have ended.
         */
        RecoveryCodesView: {
            /** Recovery Codes */
            recovery_codes: string[];
        };
        /**
         * ReleaseChangesView
         * @description What a release changed against the one before it.
         */
        ReleaseChangesView: {
            state: components["schemas"]["ChangeState"];
            previous: components["schemas"]["PreviousView"] | null;
            /** Commit */
            commit: string | null;
            /** Backwards */
            backwards: boolean;
            /** Compare Url */
            compare_url: string | null;
            variables: components["schemas"]["VariableChangesView"];
            /** Image Rebuilt */
            image_rebuilt: boolean | null;
            /** Image Size Before */
            image_size_before: number | null;
            /** Image Size */
            image_size: number | null;
            base: components["schemas"]["BaseChangeView"] | null;
            /** Settings */
            settings: components["schemas"]["SettingChangeView"][] | null;
        };
        /**
         * ReleaseView
         * @description A release, and the newest deployment that was of it.
         */
        ReleaseView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Number */
            number: number;
            /** Commit */
            commit: string;
            /** Subject */
            subject: string | null;
            /** Author */
            author: string | null;
            /** Variables Version */
            variables_version: number;
            /** Image Size */
            image_size: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Deployment */
            deployment: number | null;
            rollback: components["schemas"]["RollbackKind"];
            changes: components["schemas"]["ReleaseChangesView"];
        };
        /**
         * Role
         * @description What a member may do in a team.
         * @enum {string}
         */
        Role: "owner" | "admin" | "developer" | "viewer";
        /**
         * RoleChange
         * @description A role.
         */
        RoleChange: {
            role: components["schemas"]["Role"];
        };
        /**
         * Rollback
         * @description The release to make live again.
         */
        Rollback: {
            /** Release */
            release: number;
        };
        /**
         * RollbackKind
         * @description What making a release live again takes.
         * @enum {string}
         */
        RollbackKind: "live" | "instant" | "image" | "gone";
        /**
         * Scope
         * @description What an API token may do.
         * @enum {string}
         */
        Scope: "read" | "deploy" | "admin";
        /**
         * SeenView
         * @description What the last look at the branch found; `error` is a sentence when it failed.
         */
        SeenView: {
            /** Commit */
            commit: string | null;
            /** Subject */
            subject: string | null;
            /** Author */
            author: string | null;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Error */
            error: string | null;
        };
        /**
         * SessionView
         * @description Who is signed in, where.
         */
        SessionView: {
            user: components["schemas"]["UserView"];
            team: components["schemas"]["TeamView"];
            /** Teams */
            teams: components["schemas"]["TeamRow"][];
            /** Closed Teams */
            closed_teams: string[];
            platform: components["schemas"]["PlatformFacts"];
        };
        /**
         * SessionsEnded
         * @description How many sessions ended.
         */
        SessionsEnded: {
            /** Ended */
            ended: number;
        };
        /**
         * SettingChangeView
         * @description A setting of building or running that differs; null where it was or is not set. `web.port` is of the process `web`.
         */
        SettingChangeView: {
            /** Name */
            name: string;
            /** Before */
            before: string | null;
            /** After */
            after: string | null;
        };
        /**
         * SignInDone
         * @description The second factor was right, and this browser is signed in.
         */
        SignInDone: {
            /** Next */
            next: string;
            /** Recovery Codes */
            recovery_codes: number;
            /** Reset At */
            reset_at: string | null;
        };
        /**
         * SourceChange
         * @description What is set of where the code comes from, whole or in part.
         */
        SourceChange: {
            /** Branch */
            branch?: string | null;
            /** Root Directory */
            root_directory?: string | null;
            /** Submodules */
            submodules?: boolean | null;
            /** Large Files */
            large_files?: boolean | null;
        };
        /**
         * SourceCreate
         * @description A plain Git address.
         */
        SourceCreate: {
            /**
             * Provider
             * @default git
             * @constant
             */
            provider?: "git";
            /** Url */
            url: string;
            /**
             * Branch
             * @default main
             */
            branch?: string;
            /**
             * Root Directory
             * @default
             */
            root_directory?: string;
            /**
             * Submodules
             * @default false
             */
            submodules?: boolean;
            /**
             * Large Files
             * @default false
             */
            large_files?: boolean;
        };
        /**
         * SourceView
         * @description Where the code is.
         */
        SourceView: {
            /** Provider */
            provider: string;
            /** Url */
            url: string;
            /** Branch */
            branch: string;
            /** Root Directory */
            root_directory: string;
            /** Submodules */
            submodules: boolean;
            /** Large Files */
            large_files: boolean;
        };
        /**
         * StepUpView
         * @description Whether one must show again who one is before a dangerous act, and how.
         */
        StepUpView: {
            /** Until */
            until: string | null;
            /** Sign In */
            sign_in: boolean;
            factors: components["schemas"]["FactorsView"];
        };
        /**
         * SteppedUp
         * @description Dangerous acts are possible for a while.
         */
        SteppedUp: {
            /**
             * Until
             * Format: date-time
             */
            until: string;
        };
        /**
         * TeamChange
         * @description What is to be other about a team; what is absent stays.
         */
        TeamChange: {
            /** Name */
            name?: string | null;
            /** Second Factor Required */
            second_factor_required?: boolean | null;
        };
        /**
         * TeamCreate
         * @description A new team.
         */
        TeamCreate: {
            /** Name */
            name: string;
        };
        /**
         * TeamDetail
         * @description A team with its people.
         */
        TeamDetail: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Personal */
            personal: boolean;
            role: components["schemas"]["Role"];
            /** Members */
            members: number;
            /** Second Factor Required */
            second_factor_required: boolean;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Deleted At */
            deleted_at: string | null;
            /** Purge At */
            purge_at: string | null;
            /** People */
            people: components["schemas"]["MemberView"][];
            /** Invitations */
            invitations: components["schemas"]["InvitationView"][];
            /** Without Second Factor */
            without_second_factor: number | null;
        };
        /**
         * TeamRow
         * @description A team in a list.
         */
        TeamRow: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Personal */
            personal: boolean;
            role: components["schemas"]["Role"];
            /** Members */
            members: number;
            /** Second Factor Required */
            second_factor_required: boolean;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Deleted At */
            deleted_at: string | null;
            /** Purge At */
            purge_at: string | null;
        };
        /**
         * TeamView
         * @description The team whose projects are shown.
         */
        TeamView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            role: components["schemas"]["Role"];
        };
        /**
         * TokenCreate
         * @description What a new token may do, and for how long.
         */
        TokenCreate: {
            /** Name */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /** Project Id */
            project_id?: string | null;
            /**
             * Expires In Days
             * @default 90
             */
            expires_in_days?: number;
        };
        /**
         * TokenView
         * @description An API token without the token.
         */
        TokenView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Scopes */
            scopes: components["schemas"]["Scope"][];
            /** Project Id */
            project_id: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Last Used At */
            last_used_at: string | null;
        };
        /**
         * TotpConfirm
         * @description The code that the app shows.
         */
        TotpConfirm: {
            /** Code */
            code: string;
        };
        /**
         * UserView
         * @description The person signed in.
         */
        UserView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            /** Email */
            email: string;
            /** Operator */
            operator: boolean;
        };
        /**
         * VariableChange
         * @description A new value. Scope `run` is the app's, `build` the build's.
         */
        VariableChange: {
            /**
             * Value
             * Format: password
             */
            value: string;
            /** @default run */
            scope?: components["schemas"]["VariableScope"];
        };
        /**
         * VariableChangesView
         * @description Names of variables that differ; never a value.
         */
        VariableChangesView: {
            /** Added */
            added: string[];
            /** Changed */
            changed: string[];
            /** Removed */
            removed: string[];
        };
        /**
         * VariableScope
         * @description Who sees a variable.
         * @enum {string}
         */
        VariableScope: "run" | "build" | "both";
        /**
         * VariableView
         * @description A variable without its value.
         */
        VariableView: {
            /** Name */
            name: string;
            scope: components["schemas"]["VariableScope"];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * VariablesChange
         * @description Names to write and names to remove, as one new version.
         */
        VariablesChange: {
            /** Set */
            set?: {
                [key: string]: components["schemas"]["VariableChange"];
            };
            /** Remove */
            remove?: string[];
        };
        /**
         * VariablesView
         * @description The variables of an environment at its newest version.
         */
        VariablesView: {
            /** Version */
            version: number;
            /** Items */
            items: components["schemas"]["VariableView"][];
        };
        /**
         * Wanted
         * @description What the control plane wants of an instance.
         * @enum {string}
         */
        Wanted: "running" | "stopped";
        /**
         * Way
         * @description How a project becomes an image.
         * @enum {string}
         */
        Way: "image" | "containerfile" | "stack";
        /**
         * WorkerAdmin
         * @description What the operator wants of a worker.
         * @enum {string}
         */
        WorkerAdmin: "active" | "cordoned" | "draining" | "retired";
        /**
         * WorkerCount
         * @description How many workers may take work, of how many.
         */
        WorkerCount: {
            /** Ready */
            ready: number;
            /** Total */
            total: number;
        };
        /**
         * WorkerHealth
         * @description What a worker is.
         * @enum {string}
         */
        WorkerHealth: "joining" | "ready" | "lost";
        /**
         * WorkerLoadView
         * @description What the instances of all teams take of a worker.
         */
        WorkerLoadView: {
            /**
             * Worker Id
             * Format: uuid
             */
            worker_id: string;
            /** Running */
            running: number;
            /** Kept */
            kept: number;
            /** Memory Bytes */
            memory_bytes: number;
        };
        /**
         * WorkerView
         * @description A worker.
         */
        WorkerView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Name */
            name: string;
            admin: components["schemas"]["WorkerAdmin"];
            health: components["schemas"]["WorkerHealth"];
            /** Connected */
            connected: boolean;
            /** Roles */
            roles: string[];
            /** Versions */
            versions: {
                [key: string]: string;
            };
            /** Capacity */
            capacity: {
                [key: string]: unknown;
            };
            firewall: components["schemas"]["FirewallView"] | null;
            /** Bases */
            bases: components["schemas"]["BaseView"][];
            disk: components["schemas"]["DiskView"] | null;
            /** Limits Enforced */
            limits_enforced: boolean;
            /** Last Seen At */
            last_seen_at: string | null;
        };
    };
    responses: {
        /** @description Understood, and not acceptable: the sentence says why. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nobody is signed in, or the token does not work (any more). */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Signed in, and not allowed: the role, the token's scope or a step-up is missing, or another site asks. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing, or it is not yours: the answer is the same. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The state of things does not allow it. */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It was changed since it was read: `If-Match` names another version. */
        PreconditionFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description More bytes than are read. */
        RequestEntityTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request has another shape; `fields` names where. */
        UnprocessableEntity: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Over a limit; `Retry-After` says when to try again. */
        TooManyRequests: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A failure of ours; the log has the request's id. */
        InternalServerError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A part that is needed does not answer. Try again. */
        ServiceUnavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_projects: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    delete_project: {
        parameters: {
            query?: {
                for_good?: boolean;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    change_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what was changed, as it was read. When it is another by now, nothing is changed: 412. */
                "If-Match"?: string | null;
            };
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    plan_build: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanAsked"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_plan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    restore_project: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    delete_environment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    change_environment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnvironmentChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    restore_environment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    check_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    new_hook_secret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookSecretView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    end_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_tokens: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TokenView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewTokenView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_teams: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TeamRow_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_team: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamCreate"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamRow"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                team_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    delete_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                team_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamRow"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    change_team: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                team_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    restore_team: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                team_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamRow"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    hand_over_team: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                team_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HandOver"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    remove_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                team_id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    change_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                team_id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    invite: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                team_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Invite"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvitationView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    revoke_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                team_id: string;
                invitation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationToken"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferView"];
                };
            };
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    accept_invitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationToken"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_sessions: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BrowserSessionView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    revoke_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    revoke_other_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionsEnded"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FactorsView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    begin_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewTotpView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    remove_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    confirm_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpConfirm"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FactorAdded"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    make_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodesView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    cancel_second_factor_reset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_passkeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PasskeyView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    register_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyRegister"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyAdded"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    begin_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    remove_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    rename_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyName"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HalfSignedInView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    finish_sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInDone"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    cancel_sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    begin_sign_in_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_step_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StepUpView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    step_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SteppedUp"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    begin_step_up_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_people: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PersonView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    disable_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Disable"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    enable_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_variables: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VariablesView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    write_variables: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what was changed, as it was read. When it is another by now, nothing is changed: 412. */
                "If-Match"?: string | null;
            };
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VariablesChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VariablesView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_project_roles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectRoleView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    set_project_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectRoleView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    clear_project_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: string;
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectRoleView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_deployments: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeploymentView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    start_deployment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                project_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeploymentStart"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_team_deployments: {
        parameters: {
            query?: {
                status?: components["schemas"]["DeploymentStatus"][] | null;
                project?: string | null;
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeploymentView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_deployment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                deployment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_build: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                deployment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BuildView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_changes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                deployment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentChangesView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    cancel_deployment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                deployment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    roll_back: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rollback"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    restart: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text of your own, new for each call. The same call with the same key within 24 hours gets the same answer and has no second effect. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_releases: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ReleaseView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deployment_log: {
        parameters: {
            query?: {
                format?: "sse" | "json";
                cursor?: string | null;
                limit?: number;
            };
            header?: {
                "last-event-id"?: number;
            };
            path: {
                deployment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_instances: {
        parameters: {
            query?: {
                environment?: string | null;
                worker?: string | null;
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_InstanceView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_worker_loads: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_WorkerLoadView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_workers: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_WorkerView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_worker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_jobs: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_JobView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    environment_log: {
        parameters: {
            query?: {
                tail?: number;
                format?: "sse" | "json";
            };
            header?: {
                "last-event-id"?: string;
            };
            path: {
                environment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_audit_events: {
        parameters: {
            query?: {
                team?: string | null;
                action?: string;
                actor?: string | null;
                subject?: string | null;
                since?: string | null;
                until?: string | null;
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditEventView_"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    export_audit_events: {
        parameters: {
            query?: {
                team?: string | null;
                action?: string;
                actor?: string | null;
                subject?: string | null;
                since?: string | null;
                until?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    get_platform: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    events: {
        parameters: {
            query?: {
                within?: number;
            };
            header?: {
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    receive_hook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
}
