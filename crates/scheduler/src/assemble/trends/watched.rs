//! The accounts of everything that is watched, and whose they are.
//!
//! A host's account is kept under a digest and named anew whenever names may have changed, like builds are: a star
//! that claims a pseudonym has its past. Where that makes one host of two, both accounts are read and one goes on.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use identity::{directory::Directory, name::PublicName, pseudonym::Digest};
use jiff::Timestamp;
use snapshot::{clock::Now, uptime::Uptime};

use crate::{
    archive::record::{StoredLedger, Trends, Watched},
    ledger::{Ledger, Sight, Sums, day_of},
};

/// The most accounts: as many hosts and services as are ever listed, the sources, and some that are gone.
const ACCOUNTS_MAX: usize = 4_096;

/// The accounts.
#[derive(Debug, Default)]
pub(super) struct WatchedBook {
    accounts: BTreeMap<u32, Account>,
    services: HashMap<String, u32>,
    sources: BTreeMap<snapshot::section::SourceName, u32>,
    /// Every account of a host, by what the public calls it, the oldest account first.
    hosts: HashMap<String, Vec<u32>>,
    /// The directory's generation at which hosts were named.
    named_at: Option<u64>,
    is_full: bool,
}

#[derive(Debug)]
struct Account {
    watched: Watched,
    ledger: Ledger,
    is_stored: bool,
}

impl WatchedBook {
    pub(super) fn restored(ledgers: BTreeMap<u32, StoredLedger>) -> Self {
        let mut book = Self::default();
        for (number, StoredLedger { watched, days }) in ledgers {
            book.insert(number, Account { watched, ledger: Ledger::restored(days), is_stored: true });
        }
        book
    }

    fn insert(&mut self, number: u32, account: Account) {
        match &account.watched {
            Watched::Service(name) => drop(self.services.insert(name.folded(), number)),
            Watched::Source(source) => drop(self.sources.insert(*source, number)),
            Watched::Host(_) => {}
        }
        self.accounts.insert(number, account);
    }

    /// Opens an account; `None` when there are too many.
    fn open(&mut self, watched: Watched) -> Option<u32> {
        if self.accounts.len() >= ACCOUNTS_MAX {
            if !std::mem::replace(&mut self.is_full, true) {
                tracing::warn!(
                    n_accounts = ACCOUNTS_MAX,
                    "too much is watched: of more no availability is kept"
                );
            }
            return None;
        }
        let number = self.accounts.last_key_value().map_or(0, |(number, _)| number + 1);
        self.insert(number, Account { watched, ledger: Ledger::default(), is_stored: false });
        Some(number)
    }

    /// Accounts a sighting of a service or a source.
    pub(super) fn see(&mut self, watched: Watched, sight: Option<Sight>, now: Now, hold: Duration) {
        if let Some(number) = self.find(&watched).or_else(|| self.open(watched)) {
            self.see_at(number, sight, now, hold);
        }
    }

    /// Accounts a sighting of what has this number.
    pub(super) fn see_at(&mut self, number: u32, sight: Option<Sight>, now: Now, hold: Duration) {
        if let Some(account) = self.accounts.get_mut(&number) {
            account.ledger.see(sight, now, hold);
        }
    }

    /// Names the hosts, when names may have changed.
    pub(super) fn name_hosts(&mut self, directory: &mut Directory) {
        if self.named_at == Some(directory.generation()) {
            return;
        }
        self.hosts.clear();
        for (number, account) in &self.accounts {
            let Watched::Host(digest) = &account.watched else { continue };
            if let Some(name) = directory.recall(&[*digest]) {
                self.hosts.entry(name.folded()).or_default().push(*number);
            }
        }
        self.named_at = Some(directory.generation());
    }

    /// The account that goes on for a host.
    pub(super) fn host(&self, name: &PublicName) -> Option<u32> {
        self.hosts.get(&name.folded())?.first().copied()
    }

    /// The account of a host that has none under its name: one of the same digest, or a new one.
    pub(super) fn add_host(&mut self, name: &PublicName, digest: Digest) -> Option<u32> {
        let watched = Watched::Host(digest);
        let known = self.accounts.iter().find(|(_, account)| account.watched == watched);
        let number = known.map(|(number, _)| *number).or_else(|| self.open(watched))?;
        self.hosts.entry(name.folded()).or_default().push(number);
        Some(number)
    }

    fn find(&self, watched: &Watched) -> Option<u32> {
        match watched {
            Watched::Service(name) => self.services.get(&name.folded()).copied(),
            Watched::Source(source) => self.sources.get(source).copied(),
            Watched::Host(_) => None,
        }
    }

    /// What is known of a service or a source.
    pub(super) fn uptime(&self, watched: &Watched, now: Timestamp) -> Uptime {
        self.sum(self.find(watched).as_slice(), now)
    }

    /// What is known of a host.
    pub(super) fn uptime_of_host(&self, name: &PublicName, now: Timestamp) -> Uptime {
        self.sum(self.hosts.get(&name.folded()).map_or(&[], Vec::as_slice), now)
    }

    fn sum(&self, numbers: &[u32], now: Timestamp) -> Uptime {
        let accounts = numbers.iter().filter_map(|number| self.accounts.get(number));
        let sums = accounts.map(|account| account.ledger.sums(now)).fold(Sums::NOTHING, Sums::plus);
        Uptime::of(sums.windows, sums.days)
    }

    /// Forgets what was before, and that of which nothing else is known.
    pub(super) fn forget_before(&mut self, before: Timestamp) {
        let day = day_of(before);
        self.accounts.retain(|_, account| {
            account.ledger.forget_before(day);
            !account.ledger.is_empty()
        });
        let Self { accounts, services, sources, named_at, .. } = self;
        services.retain(|_, number| accounts.contains_key(number));
        sources.retain(|_, number| accounts.contains_key(number));
        *named_at = None;
        self.is_full = false;
    }

    /// What changed since the last call.
    pub(super) fn take_unstored(&mut self, trends: &mut Trends) {
        for (number, account) in &mut self.accounts {
            trends.days.extend(account.ledger.take_unstored().map(|(day, hours)| ((day, *number), hours)));
            // Once something is known of it.
            if !account.is_stored && !account.ledger.is_empty() {
                trends.watched.push((*number, account.watched.clone()));
                account.is_stored = true;
            }
        }
    }
}
