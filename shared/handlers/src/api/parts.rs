//! What the API is put together from, by name: each a port of the domain, AWS's in the function and memory in tests.

use courier_domain::clock::Clock;
use courier_domain::ports::{
    CommandQueue, Directory, EventQueue, Gate, Lines, Notifications, NotifyQueue, Reachable, SecretVault,
    SubscriptionVault, Subscriptions, SyncQueue, SyncRequests, UrlGuard,
};

/// The types of the API's parts.
pub trait Parts {
    /// What is stored.
    type Store: Directory + Gate + Reachable + Subscriptions + Lines + Notifications + SyncRequests;
    /// API logins and keys, and what is sent to subscribers.
    type Vault: SecretVault + SubscriptionVault;
    /// The queue of commands for Syrve.
    type Commands: CommandQueue + Reachable;
    /// The queue of events of fleets.
    type Events: EventQueue;
    /// The queue of accounts whose drivers are to be synchronised.
    type Syncs: SyncQueue;
    /// The queue of what is sent to subscribers.
    type Notify: NotifyQueue;
    /// Which URLs may be called.
    type Guard: UrlGuard;
    /// The time.
    type Clock: Clock;
}
