//! Tokens of Syrve logins, kept in memory and shared with the other processes through a [`TokenStore`]. Syrve limits how
//! often a token may be asked for, so one caller at a time renews one: within the process by a lock, between processes
//! by the store's lease. The others go on with the old token while it is good, and else wait a little.
//!
//! A lease is given back with a new token only. After a failed fetch, or one that was held back, it runs out by itself,
//! and until then nobody asks Syrve again: a wrong login is not tried once per order.
//!
//! Not every refusal of a token is cured by a new one. A token that was fetched to replace a refused one is unproven until
//! a call with it is accepted, and no other is fetched should it be refused as well. It stays in use until it is old, and
//! the one that is fetched then is no better proven. This is known to the process that fetched it only.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::ports::{Gate, PortError, StoredToken, TokenStore};
use courier_domain::secret::Secret;
use jiff::Timestamp;

use super::quiet::{LEASE, Quiet};
use super::validity::Held;
use crate::error::{CallError, Outcome};
use crate::words::Words;

/// The tokens of all logins that this process used.
pub(super) struct Tokens<S, C> {
    pub(super) store: S,
    pub(super) clock: C,
    wait: Duration,
    poll: Duration,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

/// What a login is known by.
pub(super) struct Keys {
    /// Where it is on record that calls are refused.
    pub(super) login: String,
    /// Where it is on record that no token is given.
    pub(super) credentials: String,
    /// Where its token is kept.
    pub(super) token: String,
}

/// One login.
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    renewing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Our own failed fetch keeps everybody from asking for a while.
    quiet: Option<Quiet>,
}

impl<S: TokenStore + Gate, C: Clock> Tokens<S, C> {
    pub(super) fn new(store: S, clock: C, wait: Duration, poll: Duration) -> Self {
        Self { store, clock, wait, poll, slots: Mutex::default() }
    }

    /// A good token of a login, from memory, the store, or `fetch`. `refused` is one that Syrve did not accept:
    /// it is forgotten, unless it was replaced already.
    pub(super) async fn get<F>(
        &self,
        keys: &Keys,
        refused: Option<&Secret>,
        fetch: F,
    ) -> Result<Secret, CallError>
    where
        F: Future<Output = Result<Secret, CallError>> + Send,
    {
        let slot = self.slot(&keys.token);
        slot.forget(refused);
        let now = self.clock.now();
        if let Some(token) = slot.fresh(now) {
            return Ok(token);
        }
        let _turn = match (slot.renewing.try_lock(), slot.usable(now)) {
            (Ok(turn), _) => turn,
            (Err(_), Some(old)) => return Ok(old),
            (Err(_), None) => slot.renewing.lock().await,
        };
        self.renew(&slot, keys, refused, fetch).await
    }

    /// Whether a new token is no cure for the refusal of this one.
    pub(super) fn is_unproven(&self, keys: &Keys, token: &Secret) -> bool {
        self.slot(&keys.token).held().is_some_and(|held| held.unproven && held.is(Some(token)))
    }

    /// A call with this token was accepted.
    pub(super) fn proven(&self, keys: &Keys, token: &Secret) {
        if let Some(held) = self.slot(&keys.token).state().held.as_mut().filter(|held| held.is(Some(token))) {
            held.unproven = false;
        }
    }

    /// Gets a token from the store or from Syrve. Only one caller of this process is in here per login.
    async fn renew<F>(
        &self,
        slot: &Slot,
        keys: &Keys,
        refused: Option<&Secret>,
        fetch: F,
    ) -> Result<Secret, CallError>
    where
        F: Future<Output = Result<Secret, CallError>> + Send,
    {
        let now = self.clock.now();
        if let Some(token) = slot.fresh(now) {
            return Ok(token);
        }
        if let Some(error) = slot.quiet(now) {
            return slot.usable(now).ok_or(error);
        }
        let read = self.read(slot, keys, refused).await;
        if let Some(token) = slot.fresh(now) {
            return Ok(token);
        }
        if let Some(error) = self.login_held(keys, now).await {
            return slot.usable(now).ok_or(error);
        }
        let leased = match read {
            Ok(()) => self.store.lease(&keys.token, now, now + LEASE).await,
            Err(error) => Err(error),
        };
        match (leased, slot.usable(now)) {
            (Ok(true), old) => self.fetch(slot, keys, refused, old, fetch).await,
            (_, Some(old)) => Ok(old),
            (Ok(false), None) => self.wait(slot, keys, refused).await,
            (Err(error), None) => Err(CallError::TokenStore(error)),
        }
    }

    /// Asks Syrve, with the lease in hand, and shares what it gives.
    async fn fetch<F>(
        &self,
        slot: &Slot,
        keys: &Keys,
        refused: Option<&Secret>,
        old: Option<Secret>,
        fetch: F,
    ) -> Result<Secret, CallError>
    where
        F: Future<Output = Result<Secret, CallError>> + Send,
    {
        let now = self.clock.now();
        // Somebody may have stored one, and given the lease back, since the store was read.
        let read = self.read(slot, keys, refused).await;
        if let (Ok(()), Some(held)) = (read, slot.held().filter(|held| held.is_fresh(now))) {
            self.share(keys, &held.stored).await;
            return Ok(held.stored.token);
        }
        match fetch.await {
            Ok(token) => {
                let stored = StoredToken { token: token.clone(), obtained_at: now };
                let mut held = Held::new(stored.clone());
                held.unproven = refused.is_some() || slot.held().is_some_and(|old| old.unproven);
                slot.keep(held);
                self.share(keys, &stored).await;
                Ok(token)
            }
            Err(error) => {
                slot.state().quiet = Some(Quiet::after(&error, now));
                match old {
                    Some(old) if error.outcome() != Outcome::Final => {
                        tracing::warn!(%error, "Syrve token not renewed, the old one is used");
                        Ok(old)
                    }
                    _ => Err(error),
                }
            }
        }
    }

    /// Whether the login is refused: nobody is to take a lease then, and to wait for a token would be in vain.
    async fn login_held(&self, keys: &Keys, now: Timestamp) -> Option<CallError> {
        for key in [&keys.credentials, &keys.login] {
            let Some(refusal) = self.store.refusal(key).await.ok()? else { continue };
            let after = Duration::try_from(refusal.until.duration_since(now)).unwrap_or_default();
            if !after.is_zero() {
                return Some(CallError::LoginHeld { after, words: Words::new(&refusal.words, &[]) });
            }
        }
        None
    }

    /// Waits for the token that another process is fetching.
    async fn wait(&self, slot: &Slot, keys: &Keys, refused: Option<&Secret>) -> Result<Secret, CallError> {
        let step = self.poll.max(Duration::from_millis(1));
        let mut waited = Duration::ZERO;
        while waited < self.wait {
            tokio::time::sleep(step).await;
            waited += step;
            self.read(slot, keys, refused).await.map_err(CallError::TokenStore)?;
            if let Some(token) = slot.usable(self.clock.now()) {
                return Ok(token);
            }
        }
        Err(CallError::TokenBusy)
    }

    /// Takes the stored token into memory, if it is newer than the one there and not the refused one.
    async fn read(&self, slot: &Slot, keys: &Keys, refused: Option<&Secret>) -> Result<(), PortError> {
        if let Some(held) =
            self.store.token(&keys.token).await?.map(Held::new).filter(|held| !held.is(refused))
        {
            slot.keep(held);
        }
        Ok(())
    }

    /// Stores a token. Without it the others fetch one of their own when the lease is over, which does no harm.
    async fn share(&self, keys: &Keys, stored: &StoredToken) {
        if let Err(error) = self.store.store(&keys.token, stored).await {
            tracing::warn!(%error, "Syrve token not shared");
        }
    }

    fn slot(&self, key: &str) -> Arc<Slot> {
        let mut slots = locked(&self.slots);
        Arc::clone(slots.entry(key.to_owned()).or_default())
    }
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn held(&self) -> Option<Held> {
        self.state().held.clone()
    }

    /// The token in memory, if it needs no renewal.
    fn fresh(&self, now: Timestamp) -> Option<Secret> {
        self.held().filter(|held| held.is_fresh(now)).map(|held| held.stored.token)
    }

    /// The token in memory, if Syrve still takes it.
    fn usable(&self, now: Timestamp) -> Option<Secret> {
        self.held().filter(|held| held.is_usable(now)).map(|held| held.stored.token)
    }

    /// Why nobody asks now.
    fn quiet(&self, now: Timestamp) -> Option<CallError> {
        self.state().quiet.as_ref()?.error(now)
    }

    fn forget(&self, refused: Option<&Secret>) {
        let mut state = self.state();
        state.held.take_if(|held| held.is(refused));
    }

    fn keep(&self, mut new: Held) {
        let mut state = self.state();
        let unproven = |held: &Held| held.unproven && held.is(Some(&new.stored.token));
        new.unproven |= state.held.as_ref().is_some_and(unproven);
        let older = |held: &Held| held.stored.obtained_at <= new.stored.obtained_at;
        if state.held.as_ref().is_none_or(older) {
            state.held = Some(new);
        }
    }
}

/// A panic while a lock was held leaves nothing half done here.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
