//! Whatever a customer, a provider or a stranger sends: a clear answer, nothing lost, no 5xx.

use devstack::Stack;
use serde_json::{Value, json};

use crate::webhook::{post, post_signed, signature, text_event};
use crate::world::{CLINIC, LUCIA, builder, count, count_becomes, quiet, start};

async fn events(stack: &Stack) -> i64 {
    count(stack, "SELECT count(*) FROM webhook_events").await
}

async fn parked(stack: &Stack) -> Vec<String> {
    sqlx::query_scalar("SELECT reason FROM webhook_events WHERE state = 'parked' ORDER BY id")
        .fetch_all(stack.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_request_that_is_not_authentic_is_refused_counted_and_not_stored() {
    let stack = start(builder("bad_signature")).await;
    let body = text_event("evt_forged", LUCIA, CLINIC, "dame todo").to_string().into_bytes();
    let good = signature(&stack, &body);
    let wrong = format!("{}{}", &good[..good.len() - 4], if good.ends_with("0000") { "1111" } else { "0000" });
    for header in [None, Some(""), Some("nonsense"), Some("t=1,s=zz"), Some(wrong.as_str())] {
        let answer = post(&stack, body.clone(), header).await;
        assert_eq!((answer.status, answer.problem_code.as_deref()), (401, Some("bad_signature")), "{header:?}");
    }
    let mut changed = body.clone();
    changed.push(b' ');
    assert_eq!(post(&stack, changed, Some(&good)).await.status, 401, "one byte more than was signed");
    let own_url =
        reqwest::Client::new().post(format!("{}/webhook/ycloud/unknown-key", stack.edge.url())).header("YCloud-Signature", &good);
    assert_eq!(own_url.body(body).send().await.unwrap().status(), 401);
    assert_eq!(events(&stack).await, 0);
    let metrics = reqwest::get(format!("{}/metrics", stack.edge.url())).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("webhook_requests_refused_total{reason=\"signature_mismatch\"}"), "{metrics}");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_413_and_one_just_below_is_stored() {
    let stack = start(builder("too_large")).await;
    let too_large = post_signed(&stack, vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!((too_large.status, too_large.problem_code.as_deref()), (413, Some("body_too_large")));
    assert_eq!(events(&stack).await, 0);
    let event = text_event("evt_large1", LUCIA, CLINIC, &"a".repeat(900 * 1024)).to_string();
    assert_eq!(post_signed(&stack, event).await.status, 200);
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE length(body) = 921600", 1).await;
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_signed_but_cannot_be_processed_is_kept_parked_with_its_reason() {
    let stack = start(builder("parked")).await;
    let no_number = json!({"id": "evt_nonum1", "type": "whatsapp.inbound_message.received", "whatsappInboundMessage": {"id": "a", "from": LUCIA, "type": "text"}});
    let nobody = json!({"id": "evt_nobody", "type": "whatsapp.inbound_message.received", "whatsappInboundMessage": {"id": "a", "to": CLINIC, "type": "text"}});
    let no_id = json!({"id": "evt_noid01", "type": "whatsapp.inbound_message.received", "whatsappInboundMessage": {"from": LUCIA, "to": CLINIC, "type": "text"}});
    let bodies: Vec<Vec<u8>> = vec![
        b"this is not JSON".to_vec(),
        b"\xff\xfe\x00 not even text".to_vec(),
        b"".to_vec(),
        b"null".to_vec(),
        b"42".to_vec(),
        b"{}".to_vec(),
        format!("{}1{}", "[".repeat(500), "]".repeat(500)).into_bytes(),
        json!({"id": "evt_notype"}).to_string().into_bytes(),
        json!({"id": "evt_wrong1", "type": 7}).to_string().into_bytes(),
        json!({"id": "evt_nopay1", "type": "whatsapp.inbound_message.received", "whatsappInboundMessage": []})
            .to_string()
            .into_bytes(),
        no_number.to_string().into_bytes(),
        nobody.to_string().into_bytes(),
        no_id.to_string().into_bytes(),
        text_event("evt_unknum", LUCIA, "+5491199999999", "¿quién es?").to_string().into_bytes(),
    ];
    let sent = bodies.len();
    for body in bodies {
        let answer = post_signed(&stack, body.clone()).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&body));
    }
    quiet(&stack).await;
    let reasons = parked(&stack).await;
    assert_eq!(reasons.len(), sent, "{reasons:#?}");
    assert!(reasons.iter().all(|reason| !reason.is_empty()));
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages").await, 0);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn each_event_of_an_array_stands_for_itself() {
    let stack = start(builder("array")).await;
    let batch = json!([
        text_event("evt_array1", LUCIA, CLINIC, "uno"),
        {"id": "evt_arrbad", "type": "whatsapp.inbound_message.received"},
        "not an event",
        text_event("evt_array2", LUCIA, CLINIC, "dos"),
        {"id": "evt_future", "type": "whatsapp.something.new"}
    ]);
    assert_eq!(post_signed(&stack, batch.to_string()).await.status, 200);
    assert_eq!(post_signed(&stack, "[]").await.status, 200);
    quiet(&stack).await;
    // The answer's statuses are events too.
    let of_the_batch =
        "SELECT count(*) FROM webhook_events WHERE convert_from(body, 'UTF8') NOT LIKE '%whatsapp.message.updated%'";
    assert_eq!(count(&stack, of_the_batch).await, 5);
    assert_eq!(parked(&stack).await.len(), 2);
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'").await, 2);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn strange_but_honest_texts_arrive_as_they_are() {
    let stack = start(builder("texts")).await;
    let long = "á".repeat(32 * 1024);
    let texts = [
        "👩‍👩‍👧‍👦🇦🇷",
        "مرحبا، هل لديكم مواعيد؟",
        "שלום",
        "<b>negrita</b> & \"comillas\" '; DROP TABLE tenants; --",
        "a\u{0}b",
        "\u{202e}sfd",
        "   ",
        &long,
    ];
    for (index, text) in texts.iter().enumerate() {
        let event = text_event(&format!("evt_text{index:02}"), LUCIA, CLINIC, text);
        assert_eq!(post_signed(&stack, event.to_string()).await.status, 200, "{index}");
    }
    quiet(&stack).await;
    let stored: Vec<String> =
        sqlx::query_scalar("SELECT body FROM chat_messages WHERE direction = 'inbound' ORDER BY created_at, inbound_seq")
            .fetch_all(stack.pool())
            .await
            .unwrap();
    for text in texts {
        assert!(stored.contains(&text.replace('\0', "\u{fffd}")), "{text:.40}");
    }
    assert_eq!(parked(&stack).await, Vec::<String>::new());
    assert_eq!(count(&stack, "SELECT count(*) FROM turns WHERE state = 'dead'").await, 0);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_customer_without_a_number_is_answered_by_the_user_id() {
    let stack = start(builder("username")).await;
    let message = json!({ "from": Value::Null, "user_id": "AR.77120000000000000142", "username": "lu.ferreyra", "to": CLINIC, "text": "hola", "wait": true });
    stack.sim().inbound_with(&message).await.unwrap();
    quiet(&stack).await;
    let accepted = stack.sim().accepted().await.unwrap();
    let first = &accepted["items"][0];
    assert_eq!(first["recipient"], "AR.77120000000000000142", "{accepted}");
    stack.stop().await.unwrap();
}

/// Types of other capabilities are stored with what is known, and shown; nothing is dropped.
#[tokio::test]
async fn messages_that_are_not_text_are_stored_and_an_answer_is_attempted() {
    let stack = start(builder("kinds")).await;
    let kinds = [
        ("image", json!({"id": "1", "link": "https://x.example/a", "mime_type": "image/jpeg", "caption": "mirá"})),
        ("audio", json!({"id": "2", "link": "https://x.example/b", "mime_type": "audio/ogg; codecs=opus"})),
        ("location", json!({"latitude": -26.8, "longitude": -65.2})),
        ("reaction", json!({"message_id": "wamid.x", "emoji": "👍"})),
        ("some_new_type", json!({"anything": 1})),
    ];
    for (index, (kind, content)) in kinds.iter().enumerate() {
        let mut event = text_event(&format!("evt_kind{index:02}"), LUCIA, CLINIC, "");
        event["whatsappInboundMessage"]["type"] = json!(kind);
        event["whatsappInboundMessage"][kind] = content.clone();
        assert_eq!(post_signed(&stack, event.to_string()).await.status, 200);
    }
    quiet(&stack).await;
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'").await, 5);
    assert_eq!(
        count(&stack, "SELECT inbound_seq FROM chat_conversations").await,
        3,
        "a reaction and an unknown type ask for no answer"
    );
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE body = '[unsupported: some_new_type]'").await, 1);
    stack.stop().await.unwrap();
}
