//! Recognises the answer to the question how a customer was served. It starts no turn and reopens nothing, so what is not
//! plainly an answer is left alone: a customer who writes "2 turnos" wants two appointments.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::inbox::{Arrival, Origin};
use crate::ids::{ConversationId, TenantId};
use crate::text;

/// Before the score in the id of a list's row.
pub const ROW_PREFIX: &str = "satisfaction:";
const MOST_COMMENT_CHARS: usize = 2_000;

/// A question that was asked, and what this batch hears about it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OpenSurvey {
    tenant_id: TenantId,
    id: Uuid,
    conversation_id: ConversationId,
    /// WhatsApp's id of the question, once it is known.
    question: Option<String>,
    is_answered: bool,
    #[sqlx(skip)]
    score: Option<i16>,
    #[sqlx(skip)]
    comment: Option<String>,
    #[sqlx(skip)]
    is_passed_over: bool,
}

/// The questions that wait for an answer, locked, by conversation. The caller holds the conversations.
pub async fn open(
    conn: &mut PgConnection,
    asked: impl Iterator<Item = (TenantId, Uuid)>,
) -> Result<HashMap<ConversationId, OpenSurvey>, sqlx::Error> {
    let (tenants, ids): (Vec<TenantId>, Vec<Uuid>) = asked.unzip();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<OpenSurvey> = sqlx::query_as(
        "SELECT s.tenant_id, s.id, s.conversation_id, m.provider_message_id AS question, s.state = 'answered' AS is_answered
         FROM unnest($1::uuid[], $2::uuid[]) AS k (tenant_id, id)
         JOIN satisfaction_surveys s USING (tenant_id, id)
         LEFT JOIN chat_messages m ON m.tenant_id = s.tenant_id AND m.id = s.message_id
         FOR UPDATE OF s",
    )
    .bind(tenants)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.conversation_id, row)).collect())
}

impl OpenSurvey {
    /// Whether the message is an answer. Anything else that the contact writes ends the asking.
    pub fn hears(&mut self, arrival: &Arrival) -> bool {
        if arrival.origin != Origin::Contact || self.is_passed_over {
            return false;
        }
        let quotes = arrival.reply_to.is_some() && arrival.reply_to == self.question;
        if self.is_answered || self.score.is_some() {
            // Only an answer to the question itself: the next plain message is a new concern.
            let is_comment = quotes && self.comment.is_none() && arrival.kind == "text";
            if is_comment {
                self.comment = Some(text::truncated(&arrival.body, MOST_COMMENT_CHARS).to_owned());
            }
            return is_comment;
        }
        match verdict(arrival, quotes) {
            Some((score, comment)) => {
                self.score = Some(score);
                self.comment = comment.map(|words| text::truncated(words, MOST_COMMENT_CHARS).to_owned());
                true
            }
            None => {
                self.is_passed_over = true;
                false
            }
        }
    }
}

/// Keeps what was heard.
pub async fn keep(conn: &mut PgConnection, surveys: impl Iterator<Item = OpenSurvey>) -> Result<(), sqlx::Error> {
    for survey in surveys {
        if survey.score.is_none() && survey.comment.is_none() && !survey.is_passed_over {
            continue;
        }
        sqlx::query(
            "UPDATE satisfaction_surveys
             SET score = coalesce(score, $3), comment = coalesce(comment, $4),
                 answered_at = CASE WHEN $3 IS NULL THEN answered_at ELSE coalesce(answered_at, now()) END,
                 state = CASE WHEN $3 IS NOT NULL THEN 'answered' WHEN $5 AND state = 'asked' THEN 'passed_over' ELSE state END
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(survey.tenant_id)
        .bind(survey.id)
        .bind(survey.score)
        .bind(survey.comment.as_deref())
        .bind(survey.is_passed_over)
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "UPDATE chat_conversations
             SET satisfaction_score = coalesce($3, satisfaction_score),
                 survey_id = CASE WHEN $4 THEN NULL ELSE survey_id END, revision = revision + 1, updated_at = now()
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(survey.tenant_id)
        .bind(survey.conversation_id)
        .bind(survey.score)
        .bind(survey.is_passed_over)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The score and the words beside it. Without quoting the question only a lone digit counts, or one that is set off from
/// what follows.
fn verdict(arrival: &Arrival, quotes: bool) -> Option<(i16, Option<&str>)> {
    if arrival.kind == "interactive" {
        let chosen = arrival.content.pointer("/list_reply/id").or_else(|| arrival.content.pointer("/button_reply/id"))?;
        let score: i16 = chosen.as_str()?.strip_prefix(ROW_PREFIX)?.parse().ok()?;
        return (1..=5).contains(&score).then_some((score, None));
    }
    if arrival.kind != "text" {
        return None;
    }
    let said = arrival.body.trim();
    let score = said.chars().next()?.to_digit(10).filter(|score| (1..=5).contains(score))?;
    // The digit, with or without the signs that make it a keycap.
    let rest = said.get(1..)?.trim_start_matches(['\u{fe0f}', '\u{20e3}']);
    let is_set_off = rest.is_empty() || rest.starts_with(['.', ',', ';', ':', '!', '\n', '⭐', '★']) || rest.starts_with(" -");
    let is_decimal = rest.starts_with(['.', ',', ':']) && rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit());
    let is_longer_number = rest.starts_with(|next: char| next.is_ascii_digit());
    if is_longer_number || is_decimal || !(is_set_off || quotes) {
        return None;
    }
    let comment = rest.trim_start_matches(|sign: char| !sign.is_alphanumeric()).trim_end();
    Some((i16::try_from(score).ok()?, (!comment.is_empty()).then_some(comment)))
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use serde_json::json;

    use super::*;
    use crate::ids::ChannelId;
    use crate::phone::PhoneNumber;
    use crate::seam::identity::Identifiers;

    fn says(kind: &str, body: &str, reply_to: Option<&str>) -> Arrival {
        Arrival {
            tenant: TenantId::new(),
            channel: ChannelId::new(),
            origin: Origin::Contact,
            contact: Identifiers::of_phone(PhoneNumber::parse("+5493815550142").unwrap()),
            name: None,
            provider_message_id: "w".to_owned(),
            provider_ref: None,
            reply_to: reply_to.map(str::to_owned),
            kind: kind.to_owned(),
            body: body.to_owned(),
            content: json!({"list_reply": {"id": "satisfaction:4"}}),
            sent_at: Utc::now(),
        }
    }

    fn asked() -> OpenSurvey {
        OpenSurvey {
            tenant_id: TenantId::new(),
            id: Uuid::nil(),
            conversation_id: ConversationId::new(),
            question: Some("q".to_owned()),
            is_answered: false,
            score: None,
            comment: None,
            is_passed_over: false,
        }
    }

    #[test]
    fn what_is_plainly_an_answer_counts_and_what_may_be_a_wish_does_not() {
        let heard = |body: &str, reply_to: Option<&str>| {
            let mut survey = asked();
            let is_answer = survey.hears(&says("text", body, reply_to));
            assert_eq!(is_answer, !survey.is_passed_over, "{body}");
            survey.score.map(|score| (score, survey.comment.unwrap_or_default()))
        };
        let plain = |score: i16| Some((score, String::new()));
        assert_eq!(heard("5", None), plain(5));
        assert_eq!(heard(" 4! ", None), plain(4));
        assert_eq!(heard("3\u{fe0f}\u{20e3}", None), plain(3));
        assert_eq!(heard("5, muy amables", None), Some((5, "muy amables".to_owned())));
        assert_eq!(heard("1 pésimo", Some("q")), Some((1, "pésimo".to_owned())));
        for wish in ["2 turnos para mañana", "10", "5.5", "3:30", "6", "0", "hola", "", "¿5?", "45", "1 pésimo"] {
            assert_eq!(heard(wish, Some("another").filter(|_| wish == "1 pésimo")), None, "{wish}");
        }
    }

    #[test]
    fn a_chosen_row_counts_and_a_comment_must_quote_the_question() {
        let mut survey = asked();
        assert!(survey.hears(&says("interactive", "Buena", None)));
        assert_eq!(survey.score, Some(4));
        assert!(!survey.hears(&says("text", "quiero otro turno", None)), "the next concern is not a comment");
        assert!(survey.hears(&says("text", "me atendieron rápido", Some("q"))));
        assert_eq!(survey.comment.as_deref(), Some("me atendieron rápido"));
        assert!(!survey.hears(&says("text", "y algo más", Some("q"))));
    }
}
