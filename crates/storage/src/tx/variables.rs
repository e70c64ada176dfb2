//! Variables of dial tasks, and tasks that nodes are to run once.

use cadastre_domain::id::{EnterpriseId, NodeId, VariableId};
use cadastre_domain::node::NodeRun;
use cadastre_domain::variable::DialVariable;
use chrono::{DateTime, Utc};

use super::{Found, Result, Total};

/// Which variables to list; never one that is deleted.
#[derive(Debug, Clone, Default)]
pub struct VariableFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those whose name contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those behind this one.
    pub after: Option<VariableId>,
}

/// What there is of variables in an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VariableState {
    /// The largest `update_time` of one, deleted ones included as long as they are not forgotten; 0
    /// when there is none.
    pub update_time: i64,
    /// Whether agents compute the value of any that is not deleted.
    pub is_computed: bool,
}

/// Variables of dial tasks.
pub trait DialVariables {
    /// Adds a variable; its name may be [`crate::Taken::VariableName`].
    fn insert_variable(&mut self, variable: &DialVariable) -> Result<()>;
    /// The variable with this identifier, if it is not deleted.
    fn find_variable(&mut self, id: VariableId) -> Result<Option<DialVariable>>;
    /// Those of these variables that are the enterprise's and not deleted.
    fn find_variables(
        &mut self,
        enterprise: EnterpriseId,
        ids: &[VariableId],
    ) -> Result<Vec<DialVariable>>;
    /// At most `limit` variables, the oldest first.
    fn list_variables(
        &mut self,
        filter: &VariableFilter,
        limit: i64,
    ) -> Result<Found<DialVariable, VariableId>>;
    /// How many variables fit the filter, wherever a list of them goes on.
    fn count_variables(&mut self, filter: &VariableFilter) -> Result<Total>;
    /// Saves a changed variable; `false` when the stored version is not the one before.
    fn save_variable(&mut self, variable: &DialVariable) -> Result<bool>;
    /// At most `limit` variables of an enterprise with a later `update_time` than `since`, the
    /// earliest first, deleted ones, too.
    fn variables_behind(
        &mut self,
        enterprise: EnterpriseId,
        since: i64,
        limit: i64,
    ) -> Result<Vec<DialVariable>>;
    /// What there is of variables, by enterprise. One without any has none.
    fn variable_states(&mut self) -> Result<Vec<(EnterpriseId, VariableState)>>;
    /// Forgets variables that were deleted before this time; how many.
    fn forget_variables(&mut self, before: DateTime<Utc>) -> Result<usize>;
}

/// Tasks that nodes are to run once.
pub trait NodeRuns {
    /// Adds tasks that a node is to run once; their number.
    fn insert_run(&mut self, run: &NodeRun) -> Result<i64>;
    /// At most `limit` runs of a node with larger numbers than `after`, the earliest first.
    fn runs_behind(&mut self, node: &NodeId, after: i64, limit: i64) -> Result<Vec<NodeRun>>;
    /// The largest number of a run of each of these nodes that has any.
    fn last_runs(&mut self, nodes: &[NodeId]) -> Result<Vec<(NodeId, i64)>>;
    /// Forgets runs that were asked for before this time; how many.
    fn forget_runs(&mut self, before: DateTime<Utc>) -> Result<usize>;
}
