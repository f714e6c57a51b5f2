//! Tenants, conversations and messages for the inbox, made inside Postgres.
//!
//! The loading session switches triggers and foreign keys off and does their work for a whole tenant at once: the words
//! of the search come from the very functions that the triggers call. `same_as_inserted` proves it on a sample.

use anyhow::{Result, ensure};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) tenants: i32,
    /// Of each tenant.
    pub(crate) conversations: i32,
    /// Of each conversation; odd, so that the contact has the last word.
    pub(crate) messages: i32,
}

impl Size {
    pub(crate) fn total_messages(self, tenants: i32) -> i64 {
        i64::from(tenants) * i64::from(self.conversations) * i64::from(self.messages)
    }
}

/// Every twentieth conversation waits for a person.
const WAITING: i32 = 20;
/// Words are drawn log-uniformly, about as people use them.
const VOCABULARY: f64 = 20_000.0;

/// What the loading session needs: short-lived functions that make ids, words and texts.
const PREPARE: &str = "
    SET synchronous_commit = off;
    SET session_replication_role = replica;
    SET work_mem = '128MB';
    SET maintenance_work_mem = '512MB';
    SELECT setseed(0.42);
    CREATE OR REPLACE FUNCTION pg_temp.bench_id(at timestamptz, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || substr(md5(salt), 1, 15))::uuid $$;
    CREATE OR REPLACE FUNCTION pg_temp.bench_word(n integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT s[n % 20 + 1] || s[n / 20 % 20 + 1] || s[n / 400 % 20 + 1] || s[n / 8000 + 1]
        FROM (SELECT '{ba,ce,di,fo,gu,la,me,ni,po,ru,sa,te,vi,xo,zu,cha,lle,qui,bro,tru}'::text[] AS s) AS syllables $$;";

/// Fills the database.
pub(crate) struct Loader {
    connection: PgConnection,
    size: Size,
}

impl Loader {
    /// Opens the loading session; it needs a superuser.
    pub(crate) async fn open(dsn: &str, size: Size) -> Result<Self> {
        let mut connection = PgConnection::connect(dsn).await?;
        sqlx::raw_sql(PREPARE).execute(&mut connection).await?;
        Ok(Self { connection, size })
    }

    /// Makes tenants of these numbers and answers their ids.
    pub(crate) async fn add(&mut self, numbers: std::ops::Range<i32>) -> Result<Vec<Uuid>> {
        // Built anew afterwards: a sorted build is several times faster than single insertions.
        sqlx::raw_sql("DROP INDEX IF EXISTS conversation_terms_of_conversation").execute(&mut self.connection).await?;
        let mut tenants = Vec::new();
        for number in numbers {
            tenants.push(self.add_tenant(number).await?);
        }
        sqlx::raw_sql("CREATE INDEX conversation_terms_of_conversation ON conversation_terms (tenant_id, conversation_id)")
            .execute(&mut self.connection)
            .await?;
        for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
            sqlx::raw_sql(statement).execute(&mut self.connection).await?;
        }
        Ok(tenants)
    }

    async fn add_tenant(&mut self, number: i32) -> Result<Uuid> {
        let conn = &mut self.connection;
        // Ids grow with the number, as those of real tenants grow with time.
        let tenant: Uuid = sqlx::query_scalar(
            "INSERT INTO tenants (id, name)
             SELECT pg_temp.bench_id(now() - interval '1 year' + $1 * interval '1 hour', 'tenant' || $1), 'Negocio ' || $1 RETURNING id",
        )
        .bind(number)
        .fetch_one(&mut *conn)
        .await?;
        sqlx::query(
            "INSERT INTO channels (tenant_id, id, provider, phone_number, webhook_key)
             VALUES ($1, $1, 'ycloud', '+54911' || lpad($2::text, 8, '0'), 'bench' || $2)",
        )
        .bind(tenant)
        .bind(number)
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "INSERT INTO contacts (tenant_id, id, display_name)
             SELECT $1, pg_temp.bench_id(now() - i * interval '1 minute', $1::text || 'contact' || i),
                    initcap(pg_temp.bench_word(i % 400 + 20)) || ' ' || initcap(pg_temp.bench_word(i / 4 + 500))
             FROM generate_series(1, $2) AS i",
        )
        .bind(tenant)
        .bind(self.size.conversations)
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "INSERT INTO contact_identities (tenant_id, channel_id, kind, value, address, contact_id)
             SELECT $1, $1, 'phone', n.number, n.number, n.id
             FROM (SELECT id, '+549381' || lpad((row_number() OVER (ORDER BY id))::text, 7, '0') AS number
                   FROM contacts WHERE tenant_id = $1) AS n",
        )
        .bind(tenant)
        .execute(&mut *conn)
        .await?;
        self.add_talk(tenant).await?;
        Ok(tenant)
    }

    async fn add_talk(&mut self, tenant: Uuid) -> Result<()> {
        let conn = &mut self.connection;
        sqlx::query(
            "INSERT INTO chat_messages (tenant_id, id, conversation_id, channel_id, direction, author, kind, body, content,
                                        provider_message_id, inbound_seq, sent_at, status, status_at, created_at)
             SELECT $1, pg_temp.bench_id(t.at, p.id::text || g), p.id, $1,
                    CASE WHEN g % 2 = 1 THEN 'inbound' ELSE 'outbound' END, CASE WHEN g % 2 = 1 THEN 'contact' ELSE 'assistant' END,
                    'text', b.body, jsonb_build_object('body', b.body), 'wamid.' || p.id || g,
                    CASE WHEN g % 2 = 1 THEN g / 2 + 1 END, t.at, CASE WHEN g % 2 = 0 THEN 'read'::message_status END, t.at, t.at
             FROM (SELECT id, row_number() OVER (ORDER BY id) AS i FROM contacts WHERE tenant_id = $1) AS p
             CROSS JOIN generate_series(1, $2) AS g
             CROSS JOIN LATERAL (SELECT now() - p.i * interval '1 minute' - ($2 - g) * interval '7 minutes' AS at) AS t
             CROSS JOIN LATERAL (
                 SELECT string_agg(pg_temp.bench_word(exp(random() * ln($3::double precision - 1))::integer), ' ') AS body
                 FROM generate_series(1, 5) WHERE g > 0) AS b",
        )
        .bind(tenant)
        .bind(self.size.messages)
        .bind(VOCABULARY)
        .execute(&mut *conn)
        .await?;
        // One conversation of each contact, under the contact's id.
        sqlx::query(
            "INSERT INTO chat_conversations (tenant_id, id, channel_id, contact_id, handled_by, waiting_since, inbound_seq, unread_count,
                                             service_window_ends_at, last_message_at, last_message_preview, created_at)
             SELECT $1, p.id, $1, p.id, CASE WHEN p.i % $3 = 0 THEN 'agent' ELSE 'assistant' END,
                    CASE WHEN p.i % $3 = 0 THEN m.sent_at END, m.inbound_seq, (p.i % 3)::integer, m.sent_at + interval '24 hours',
                    m.sent_at, m.body, m.sent_at - interval '1 day'
             FROM (SELECT id, row_number() OVER (ORDER BY id) AS i FROM contacts WHERE tenant_id = $1) AS p
             CROSS JOIN LATERAL (
                 SELECT sent_at, body, inbound_seq FROM chat_messages m
                 WHERE m.tenant_id = $1 AND m.conversation_id = p.id ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) AS m
             WHERE $2 > 0",
        )
        .bind(tenant)
        .bind(self.size.messages)
        .bind(WAITING)
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "INSERT INTO conversation_terms (tenant_id, term, conversation_id)
             SELECT DISTINCT m.tenant_id, w.term COLLATE \"C\", m.conversation_id
             FROM chat_messages m CROSS JOIN LATERAL nexus_terms(m.body) AS w (term)
             WHERE m.tenant_id = $1 ORDER BY 2, 3",
        )
        .bind(tenant)
        .execute(&mut *conn)
        .await?;
        sqlx::query("SELECT nexus_index_contact(tenant_id, id) FROM contacts WHERE tenant_id = $1")
            .bind(tenant)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Proves on a sample that real insertions, with all their triggers, leave the same words behind.
    pub(crate) async fn same_as_inserted(&mut self, tenant: Uuid) -> Result<()> {
        const WORDS: &str = "SELECT array_agg(term ORDER BY term) FROM (
                SELECT term FROM conversation_terms WHERE tenant_id = $1 AND conversation_id = $2
                UNION ALL SELECT term FROM contact_terms WHERE tenant_id = $1 AND contact_id = $2) AS t";
        let sample: Vec<Uuid> =
            sqlx::query_scalar("SELECT id FROM chat_conversations WHERE tenant_id = $1 ORDER BY md5(id::text) LIMIT 20")
                .bind(tenant)
                .fetch_all(&mut self.connection)
                .await?;
        for conversation in sample {
            let mut tx = self.connection.begin().await?;
            let loaded: Option<Vec<String>> =
                sqlx::query_scalar(WORDS).bind(tenant).bind(conversation).fetch_one(&mut *tx).await?;
            sqlx::raw_sql("SET LOCAL session_replication_role = origin").execute(&mut *tx).await?;
            for again in [
                "DELETE FROM conversation_terms WHERE tenant_id = $1 AND conversation_id = $2",
                "DELETE FROM contact_terms WHERE tenant_id = $1 AND contact_id = $2",
                "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM chat_messages LIMIT 0",
                "WITH gone AS (DELETE FROM chat_messages WHERE tenant_id = $1 AND conversation_id = $2 RETURNING *)
                 INSERT INTO kept SELECT * FROM gone",
                "INSERT INTO chat_messages SELECT * FROM kept",
                "UPDATE contacts SET display_name = display_name || ' ' WHERE tenant_id = $1 AND id = $2",
            ] {
                let query = sqlx::query(again);
                let query = if again.contains("$1") { query.bind(tenant).bind(conversation) } else { query };
                query.execute(&mut *tx).await?;
            }
            let inserted: Option<Vec<String>> =
                sqlx::query_scalar(WORDS).bind(tenant).bind(conversation).fetch_one(&mut *tx).await?;
            tx.rollback().await?;
            ensure!(
                loaded.is_some() && loaded == inserted,
                "the loaded words of {conversation} are not those of real insertions"
            );
        }
        Ok(())
    }
}
