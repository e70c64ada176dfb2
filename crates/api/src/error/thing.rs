//! The kinds of things that may not be there.

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// An enterprise.
    Enterprise,
    /// A token.
    Token,
    /// A region that the management interface was to change.
    ManagedRegion,
    /// A region.
    Region,
    /// A team.
    Team,
    /// A version of a region.
    Revision,
    /// A window of maintenance.
    Window,
    /// A user.
    User,
    /// A region that is to be shown by the management interface.
    ShownManagedRegion,
    /// A region that was asked for by its name or identifier.
    SoughtRegion,
    /// A region that was to get other addresses.
    ReaddressedRegion,
    /// An opening of a region for a team.
    Opening,
    /// A watch of a region.
    Watch,
    /// A node.
    Node,
    /// A dial task.
    DialTask,
    /// An alarm.
    Alarm,
    /// A webhook.
    Webhook,
    /// A delivery to a webhook.
    WebhookDelivery,
    /// A key of a node.
    NodeKey,
    /// A variable of dial tasks.
    Variable,
    /// A team that was asked for by its name where only the identifier will do.
    TeamByName,
}
