//! Dead letters.

use serde_json::json;

use super::Desk;

impl Desk {
    async fn park(&self, event: &str, channel: Option<nexus_core::ids::ChannelId>, body: &[u8]) {
        sqlx::query(
            "INSERT INTO webhook_events (provider, event_id, channel_id, body, state, reason)
             VALUES ('ycloud', $1, $2, $3, 'parked', 'the body is not JSON')",
        )
        .bind(event)
        .bind(channel)
        .bind(body)
        .execute(self.api.world.brain.db.pool())
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn parked_events_are_seen_edited_and_replayed_by_whom_they_belong_to() {
    let desk = Desk::open().await;
    let (_, foreign) = desk.api.world.add_tenant("+5493815550200").await;
    desk.park("ours", Some(desk.api.world.channel), b"{").await;
    desk.park("theirs", Some(foreign), b"{").await;
    desk.park("nobodys", None, &[0xff, 0x00]).await;
    let events = format!("{}/parked-events", desk.path);
    let groups = desk.admin.get(&format!("{events}/groups")).await.expect(200).json();
    assert_eq!((groups[0]["count"].as_i64(), groups[0]["reason"].as_str()), (Some(1), Some("the body is not JSON")));
    let listed = desk.admin.get(&events).await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let id = listed["items"][0]["id"].as_i64().unwrap();
    desk.agent.get(&events).await.expect(403);
    for other in [id + 1, id + 2] {
        desk.admin.get(&format!("{events}/{other}")).await.expect(404);
        desk.admin.post(&format!("{events}/{other}/replay"), &json!({})).await.expect(404);
    }
    let path = format!("{events}/{id}");
    let found = desk.admin.get(&path).await.expect(200);
    assert_eq!(found.json()["body"], "{");
    let etag = found.etag();
    let put = async |etag: &str, body: &str| desk.admin.clone().with("if-match", etag).put(&path, &json!({ "body": body })).await;
    put(&etag, "{}").await.expect(200);
    put(&etag, "[]").await.expect(412);
    let dry = desk.admin.post(&format!("{events}/replay"), &json!({ "dry_run": true })).await.expect(200).json();
    assert_eq!(dry, json!({ "replayed": 1, "skipped": 0, "remaining": 0 }));
    desk.admin.post(&format!("{path}/replay"), &json!({})).await.expect(202);
    let waiting: Vec<Vec<u8>> = desk.api.world.all("SELECT body FROM webhook_events WHERE state = 'received'").await;
    assert_eq!(waiting, [b"{}".to_vec()]);

    desk.admin.get("/ops/webhook-events").await.expect(403);
    let operator = desk.api.admin_key();
    let raw = operator.get(&format!("/ops/webhook-events/{}", id + 2)).await.expect(200).json();
    assert_eq!((raw["body"].is_null(), raw["body_base64"].as_str()), (true, Some("/wA=")));
    let all = operator.post("/ops/webhook-events/replay", &json!({ "reason": "the body is not JSON" })).await.expect(200).json();
    assert_eq!(all["replayed"], 2);
}

#[tokio::test]
async fn dead_jobs_are_tried_again_or_given_up_with_a_reason() {
    let desk = Desk::open().await;
    for key in ["a", "b", "c"] {
        sqlx::query(
            "INSERT INTO jobs (tenant_id, id, kind, payload, state, attempts, last_error, dedupe_key, finished_at)
             VALUES ($1, gen_random_uuid(), 'handoff_mail', '{}', 'dead', 9, 'boom', $2, now())",
        )
        .bind(desk.api.world.tenant)
        .bind(key)
        .execute(desk.api.world.brain.db.pool())
        .await
        .unwrap();
    }
    let jobs = format!("{}/dead-jobs", desk.path);
    let listed = desk.admin.get(&jobs).await.expect(200).json();
    let id = |index: usize| listed["items"][index]["id"].as_str().unwrap().to_owned();
    desk.admin.post(&format!("{jobs}/{}/discard", id(0)), &json!({})).await.expect(422);
    desk.admin.post(&format!("{jobs}/{}/discard", id(0)), &json!({ "reason": "ya no hace falta" })).await.expect(204);
    desk.admin.post(&format!("{jobs}/{}/retry", id(1)), &json!({})).await.expect(200);
    desk.admin.post(&format!("{jobs}/{}/retry", id(1)), &json!({})).await.expect(404);
    let rest = desk.admin.post(&format!("{jobs}/retry"), &json!({})).await.expect(200).json();
    assert_eq!(rest["retried"], 1);
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM jobs WHERE state = 'queued' AND attempts = 0").await, 2);
}
