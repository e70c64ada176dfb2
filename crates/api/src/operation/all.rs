//! The operations.

use cadastre_domain::role::Right;

use super::{Info, Operation};

/// Declares operations: documentation, type, name, right, and `reads` or `changes`.
macro_rules! operations {
    ($($(#[$doc:meta])* $type:ident $name:literal $right:ident $changes:literal;)*) => {
        $(
            $(#[$doc])*
            pub enum $type {}
            impl Operation for $type {
                const INFO: Info =
                    Info { name: $name, right: Right::$right, changes: $changes };
            }
        )*

        /// All operations.
        pub const ALL: &[Info] = &[$($type::INFO),*];
    };
}

operations! {
    /// Lists the regions of the caller's enterprise.
    ListRegions "list_regions" ReadRegions false;
    /// Adds a region.
    CreateRegion "create_region" ManageRegions true;
    /// Shows a region by its name or identifier.
    ShowRegion "show_region" SeeRegions false;
    /// Gives a region another status.
    SwitchRegion "switch_region" ManageRegions true;
    /// Gives a region other addresses and certificates.
    ReaddressRegion "readdress_region" ManageRegions true;
    /// Lists the regions of all enterprises.
    ListManagedRegions "list_managed_regions" ManagePlatform false;
    /// Adds a region to any enterprise.
    CreateManagedRegion "create_managed_region" ManagePlatform true;
    /// Shows a region of any enterprise.
    GetManagedRegion "get_managed_region" ManagePlatform false;
    /// Changes a region of any enterprise.
    UpdateRegion "update_region" ManagePlatform true;
    /// Lists regions page by page; to a team token those that it sees.
    BrowseRegions "browse_regions" SeeRegions false;
    /// Shows a region.
    ReadRegion "read_region" SeeRegions false;
    /// Registers a region.
    RegisterRegion "register_region" ManageRegions true;
    /// Changes a region.
    EditRegion "edit_region" ManageRegions true;
    /// Deletes a region.
    RemoveRegion "remove_region" ManageRegions true;
    /// Gives a region another status.
    ChangeRegionStatus "change_region_status" ManageRegions true;
    /// Deletes a region of any enterprise.
    DeleteManagedRegion "delete_managed_region" ManagePlatform true;
    /// Replaces credentials of a region.
    ChangeRegionCredentials "change_region_credentials" ManageRegions true;
    /// Goes back to the set of credentials before.
    RollBackRegionCredentials "roll_back_region_credentials" ManageRegions true;
    /// Lists the certificates of a region.
    ListRegionCertificates "list_region_certificates" ReadRegions false;
    /// Lists the certificates of all regions.
    ListCertificates "list_certificates" ReadRegions false;
    /// Lists the versions of a region.
    ListRevisions "list_revisions" ReadRegions false;
    /// Shows a version of a region, to some callers with its secrets.
    GetRevision "get_revision" ReadRegions false;
    /// Compares two versions of a region.
    CompareRevisions "compare_revisions" ReadRegions false;
    /// Goes back to a version of a region.
    RevertRegion "revert_region" ManageRegions true;
    /// Lists windows of maintenance.
    ListWindows "list_maintenance_windows" ReadRegions false;
    /// Plans a window of maintenance.
    PlanWindow "plan_maintenance_window" ManageRegions true;
    /// Shows a window of maintenance.
    GetWindow "get_maintenance_window" ReadRegions false;
    /// Gives a window of maintenance another end.
    ChangeWindow "change_maintenance_window" ManageRegions true;
    /// Calls a window of maintenance off.
    CancelWindow "cancel_maintenance_window" ManageRegions true;
    /// Shows the credentials of a region, to some callers in clear.
    GetRegionCredentials "get_region_credentials" ReadRegions false;
    /// Creates a team.
    CreateTeam "create_team" ManageTeams true;
    /// Shows a team.
    GetTeam "get_team" ReadTeams false;
    /// Opens a region for a team.
    OpenRegion "open_region" OpenRegions true;
    /// Lists teams; a `team` token's own.
    ListTeams "list_teams" ReadTeams false;
    /// Changes a team.
    UpdateTeam "update_team" ManageTeams true;
    /// Deletes a team, and closes what is open for it.
    DeleteTeam "delete_team" ManageTeams true;
    /// Lists the regions that are open for a team.
    ListTeamRegions "list_team_regions" ReadTeams false;
    /// Closes a region for a team.
    CloseRegion "close_region" ManageTeams true;
    /// Asks for something that a team has in a region; the register has none of it.
    UseRegion "use_region" ReadTeams false;
    /// Tells the caller who he is.
    GetCurrentUser "get_current_user" ReadSelf false;
    /// Registers a node.
    RegisterNode "register_node" ManageNodes true;
    /// Lists the nodes of a workspace.
    ListNodes "list_dialing_nodes" ReadNodes false;
    /// Shows a node with its keys, to some callers with their secret part.
    GetNodeInfo "get_dialing_node" ReadNodes false;
    /// Changes what is said about a node.
    ModifyNode "modify_dialing_node" ManageNodes true;
    /// Deletes a node.
    DeleteNode "delete_dialing_node" ManageNodes true;
    /// Deletes a node by `GET`, as the published interface does.
    DeleteNodeByGet "delete_dialing_node_by_get" ManageNodes true;
    /// Lists the nodes that the operator of the register offers to everybody.
    ListPublicNodes "list_public_nodes" ReadNodes false;
    /// Adds a dial task.
    AddDialTask "add_dial_task" ManageNodes true;
    /// Adds a dial task of several steps.
    AddMultiTask "add_multi_dial_task" ManageNodes true;
    /// Shows a dial task, to some callers with its secrets.
    GetDialTask "get_dial_task" ReadNodes false;
    /// Lists dial tasks.
    ListDialTasks "list_dial_tasks" ReadNodes false;
    /// Replaces a dial task.
    ModifyDialTask "modify_dial_task" ManageNodes true;
    /// Replaces a dial task of several steps.
    ModifyMultiTask "modify_multi_dial_task" ManageNodes true;
    /// Stops dial tasks, or has them dialled again.
    DisableDialTasks "disable_dial_tasks" ManageNodes true;
    /// Deletes dial tasks.
    DeleteDialTasks "delete_dial_tasks" ManageNodes true;
    /// Lists nodes with what is known of their life.
    BrowseNodes "list_nodes" ReadNodes false;
    /// Shows a node with what is known of its life.
    ShowNode "get_node" ReadNodes false;
    /// Changes what is said about a node.
    EditNode "change_node" ManageNodes true;
    /// Deletes a node.
    RemoveNode "delete_node" ManageNodes true;
    /// Enables a node.
    EnableNode "enable_node" ManageNodes true;
    /// Disables a node.
    DisableNode "disable_node" ManageNodes true;
    /// Lists the keys of a node.
    ListNodeKeys "list_node_keys" ReadNodes false;
    /// Makes another key for a node.
    AddNodeKey "add_node_key" ManageNodes true;
    /// Revokes a key of a node.
    RevokeNodeKey "revoke_node_key" ManageNodes true;
    /// Lists the agents that pull with the keys of a node.
    ListNodeAgents "list_node_agents" ReadNodes false;
    /// Asks the agents of a node to run tasks once.
    RunNodeTasks "run_node_tasks" ManageNodes true;
    /// Lists variables of dial tasks.
    ListVariables "list_dial_variables" ReadNodes false;
    /// Adds a variable of dial tasks.
    AddVariable "add_dial_variable" ManageNodes true;
    /// Shows a variable of dial tasks, to some callers with a value that others do not see.
    ShowVariable "get_dial_variable" ReadNodes false;
    /// Changes a variable of dial tasks.
    EditVariable "change_dial_variable" ManageNodes true;
    /// Deletes a variable of dial tasks.
    RemoveVariable "delete_dial_variable" ManageNodes true;
    /// Lists the enterprises that exist for the caller.
    ListEnterprises "list_enterprises" ReadEnterprises false;
    /// Adds an enterprise.
    CreateEnterprise "create_enterprise" AddEnterprises true;
    /// Shows an enterprise.
    GetEnterprise "get_enterprise" ReadEnterprises false;
    /// Renames an enterprise.
    RenameEnterprise "rename_enterprise" RenameEnterprises true;
    /// Lists users.
    ListUsers "list_users" ReadUsers false;
    /// Adds a user.
    CreateUser "create_user" ManageUsers true;
    /// Shows a user.
    GetUser "get_user" ReadUsers false;
    /// Renames a user.
    RenameUser "rename_user" ManageUsers true;
    /// Lists the teams that the caller sees.
    FindTeams "find_teams" ReadTeams false;
    /// Adds a team.
    AddTeam "add_team" ManageTeams true;
    /// Shows a team that the caller sees.
    ShowTeam "show_team" ReadTeams false;
    /// Changes a team.
    EditTeam "edit_team" ManageTeams true;
    /// Deletes a team, and closes what is open for it.
    RemoveTeam "remove_team" ManageTeams true;
    /// Lists what is open for a team.
    ListOpenings "list_openings" ReadTeams false;
    /// Opens a region for a team, with a quota.
    CreateOpening "create_opening" OpenRegions true;
    /// Shows an opening.
    GetOpening "get_opening" ReadTeams false;
    /// Changes the quota of an opening.
    ChangeOpening "change_opening" ManageTeams true;
    /// Closes a region for a team.
    CloseOpening "close_opening" ManageTeams true;
    /// Lists the teams for which a region is open.
    ListRegionOpenings "list_region_openings" ReadRegions false;
    /// Explains who sees a region and who may open it.
    ExplainRegion "explain_region" ReadTeams false;
    /// Lists tokens.
    ListTokens "list_tokens" ManageTokens false;
    /// Makes a token.
    CreateToken "create_token" ManageTokens true;
    /// Shows a token, never its secret.
    GetToken "get_token" ManageTokens false;
    /// Gives a token another secret.
    RotateToken "rotate_token" ManageTokens true;
    /// Revokes a token.
    RevokeToken "revoke_token" ManageTokens true;
    /// Lists what dial nodes found.
    ListResults "list_results" ReadNodes false;
    /// Lists what the points of hours or days came to.
    ListResultRollups "list_result_rollups" ReadNodes false;
    /// Lists audit entries.
    ListAuditEntries "list_audit_entries" ReadAudit false;
}
