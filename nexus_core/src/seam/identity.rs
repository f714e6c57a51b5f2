//! Finds the contact behind the identifiers of an arrival, or makes one. Set-based: one batch, a handful of queries.
//!
//! A conflict is never an error: both contacts stay, and a merge is suggested to a person.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::PgConnection;
use uuid::Uuid;

use crate::ids::{ChannelId, ContactId, TenantId};
use crate::phone::PhoneNumber;

/// How the provider names a person or a group on one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// Absent when the person hides it behind a username.
    pub phone: Option<PhoneNumber>,
    /// The business-scoped user id.
    pub user_id: Option<String>,
    /// Set when the message was sent in a group; then the group is the contact.
    pub group: Option<String>,
}

impl Identifiers {
    /// Somebody known by a phone number alone.
    #[must_use]
    pub fn of_phone(phone: PhoneNumber) -> Self {
        Self { phone: Some(phone), ..Self::default() }
    }

    /// Whether nobody can be found by this.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.phone.is_none() && self.user_id.is_none() && self.group.is_none()
    }

    /// Kind, value to match, address to send to; the strongest first.
    fn entries(&self) -> Vec<(&'static str, String, String)> {
        if let Some(group) = &self.group {
            return vec![("group", group.clone(), group.clone())];
        }
        let phone = self.phone.iter().map(|phone| ("phone", phone.matching_key(), phone.as_str().to_owned()));
        let user_id = self.user_id.iter().map(|id| ("user_id", id.clone(), id.clone()));
        phone.chain(user_id).collect()
    }
}

/// One person to find.
#[derive(Clone, Debug)]
pub struct Sought<'a> {
    /// Whose contact.
    pub tenant: TenantId,
    /// On which channel.
    pub channel: ChannelId,
    /// By what.
    pub identifiers: &'a Identifiers,
    /// The name of the profile, if it came along.
    pub name: Option<&'a str>,
}

type Key = (TenantId, ChannelId, &'static str, String);

#[derive(Default)]
struct Book {
    contacts: HashMap<Key, ContactId>,
    addresses: HashMap<Key, String>,
}

#[derive(Default)]
struct Additions {
    contacts: Vec<(TenantId, ContactId, String)>,
    identities: Vec<(Key, String, ContactId)>,
    addresses: Vec<(Key, String)>,
    suggestions: BTreeSet<(TenantId, ContactId, ContactId)>,
    names: HashMap<(TenantId, ContactId), String>,
}

/// The contact of each sought person, in the same order. Every entry must have at least one identifier.
pub async fn resolve(conn: &mut PgConnection, sought: &[Sought<'_>]) -> Result<Vec<ContactId>, sqlx::Error> {
    let keys: HashSet<Key> = sought.iter().flat_map(keys_of).map(|(key, _)| key).collect();
    let mut book = Book::default();
    look_up(conn, &keys, &mut book).await?;
    let missing: HashSet<Key> = keys.into_iter().filter(|key| !book.contacts.contains_key(key)).collect();
    if !missing.is_empty() {
        // Somebody else may be adding the same person right now; after the lock their row is visible.
        lock(conn, &missing).await?;
        look_up(conn, &missing, &mut book).await?;
    }
    let mut additions = Additions::default();
    let contacts = sought.iter().map(|person| choose(person, &mut book, &mut additions)).collect();
    write(conn, additions).await?;
    Ok(contacts)
}

fn keys_of(person: &Sought<'_>) -> Vec<(Key, String)> {
    let entries = person.identifiers.entries().into_iter();
    entries.map(|(kind, value, address)| ((person.tenant, person.channel, kind, value), address)).collect()
}

/// Decides for one person and notes what has to be written, so that the next one in the batch sees it.
fn choose(person: &Sought<'_>, book: &mut Book, additions: &mut Additions) -> ContactId {
    let keys = keys_of(person);
    let known: Vec<ContactId> = keys.iter().filter_map(|(key, _)| book.contacts.get(key).copied()).collect();
    let name = person.name.map(str::trim).filter(|name| !name.is_empty());
    let contact = known.first().copied().unwrap_or_else(|| {
        let contact = ContactId::new();
        additions.contacts.push((person.tenant, contact, name.unwrap_or_default().to_owned()));
        contact
    });
    for other in known.iter().skip(1).filter(|other| **other != contact) {
        let (low, high) = if contact < *other { (contact, *other) } else { (*other, contact) };
        additions.suggestions.insert((person.tenant, low, high));
    }
    for (key, address) in keys {
        match book.addresses.get(&key) {
            None => additions.identities.push((key.clone(), address.clone(), contact)),
            Some(stored) if *stored != address => additions.addresses.push((key.clone(), address.clone())),
            Some(_) => {}
        }
        book.contacts.entry(key.clone()).or_insert(contact);
        book.addresses.insert(key, address);
    }
    if let Some(name) = name {
        additions.names.insert((person.tenant, contact), name.to_owned());
    }
    contact
}

async fn look_up(conn: &mut PgConnection, keys: &HashSet<Key>, book: &mut Book) -> Result<(), sqlx::Error> {
    let (tenants, channels, kinds, values) = columns(keys.iter());
    let rows: Vec<(TenantId, ChannelId, String, String, ContactId, String)> = sqlx::query_as(
        "SELECT i.tenant_id, i.channel_id, i.kind, i.value, i.contact_id, i.address
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS k (tenant_id, channel_id, kind, value)
         JOIN contact_identities i USING (tenant_id, channel_id, kind, value)",
    )
    .bind(tenants)
    .bind(channels)
    .bind(kinds)
    .bind(values)
    .fetch_all(conn)
    .await?;
    for (tenant, channel, kind, value, contact, address) in rows {
        let key = (tenant, channel, static_kind(&kind), value);
        book.contacts.insert(key.clone(), contact);
        book.addresses.insert(key, address);
    }
    Ok(())
}

fn static_kind(kind: &str) -> &'static str {
    match kind {
        "phone" => "phone",
        "user_id" => "user_id",
        _ => "group",
    }
}

/// Locks identities that do not exist yet, always in the same order so that two batches cannot deadlock.
async fn lock(conn: &mut PgConnection, keys: &HashSet<Key>) -> Result<(), sqlx::Error> {
    let names: Vec<String> =
        keys.iter().map(|(tenant, channel, kind, value)| format!("{tenant}/{channel}/{kind}/{value}")).collect();
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hash) FROM
             (SELECT DISTINCT hashtextextended(name, 0) AS hash FROM unnest($1::text[]) AS name ORDER BY 1) AS hashes",
    )
    .bind(names)
    .execute(conn)
    .await
    .map(drop)
}

fn columns<'a>(keys: impl Iterator<Item = &'a Key>) -> (Vec<Uuid>, Vec<Uuid>, Vec<&'static str>, Vec<String>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (tenant, channel, kind, value) in keys {
        columns.0.push(tenant.0);
        columns.1.push(channel.0);
        columns.2.push(*kind);
        columns.3.push(value.clone());
    }
    columns
}

async fn write(conn: &mut PgConnection, additions: Additions) -> Result<(), sqlx::Error> {
    if !additions.contacts.is_empty() {
        let mut rows = (Vec::new(), Vec::new(), Vec::new());
        for (tenant, contact, name) in additions.contacts {
            rows.0.push(tenant);
            rows.1.push(contact);
            rows.2.push(name);
        }
        sqlx::query(
            "INSERT INTO contacts (tenant_id, id, display_name) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])",
        )
        .bind(rows.0)
        .bind(rows.1)
        .bind(rows.2)
        .execute(&mut *conn)
        .await?;
    }
    if !additions.identities.is_empty() {
        let (tenants, channels, kinds, values) = columns(additions.identities.iter().map(|(key, ..)| key));
        let addresses: Vec<&str> = additions.identities.iter().map(|(_, address, _)| address.as_str()).collect();
        let contacts: Vec<ContactId> = additions.identities.iter().map(|(.., contact)| *contact).collect();
        sqlx::query(
            "INSERT INTO contact_identities (tenant_id, channel_id, kind, value, address, contact_id)
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[])
             ON CONFLICT DO NOTHING",
        )
        .bind(tenants)
        .bind(channels)
        .bind(kinds)
        .bind(values)
        .bind(addresses)
        .bind(contacts)
        .execute(&mut *conn)
        .await?;
    }
    for (key, address) in additions.addresses {
        sqlx::query(
            "UPDATE contact_identities SET address = $5 WHERE tenant_id = $1 AND channel_id = $2 AND kind = $3 AND value = $4",
        )
        .bind(key.0)
        .bind(key.1)
        .bind(key.2)
        .bind(key.3)
        .bind(address)
        .execute(&mut *conn)
        .await?;
    }
    for (tenant, contact, other) in additions.suggestions {
        sqlx::query(
            "INSERT INTO contact_merge_suggestions (tenant_id, contact_id, other_id, reason)
             VALUES ($1, $2, $3, 'phone and user id belong to different contacts') ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(contact)
        .bind(other)
        .execute(&mut *conn)
        .await?;
    }
    rename(conn, additions.names).await
}

/// Follows a changed profile name; untouched rows are not written.
async fn rename(conn: &mut PgConnection, names: HashMap<(TenantId, ContactId), String>) -> Result<(), sqlx::Error> {
    if names.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<_> = names.into_iter().collect();
    sorted.sort();
    let mut rows = (Vec::new(), Vec::new(), Vec::new());
    for ((tenant, contact), name) in sorted {
        rows.0.push(tenant);
        rows.1.push(contact);
        rows.2.push(name);
    }
    sqlx::query(
        "UPDATE contacts c SET display_name = n.name, updated_at = now()
         FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (tenant_id, id, name)
         WHERE c.tenant_id = n.tenant_id AND c.id = n.id AND c.display_name <> n.name",
    )
    .bind(rows.0)
    .bind(rows.1)
    .bind(rows.2)
    .execute(conn)
    .await
    .map(drop)
}
