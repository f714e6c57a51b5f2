//! Tenants never meet.

use serde_json::json;

use crate::world::{CLINIC, LUCIA, SHOP, builder, count, quiet, sends, start};

#[tokio::test]
async fn one_customer_of_two_tenants_is_two_people_and_no_prompt_shares_a_byte() {
    let stack = start(builder("two_tenants")).await;
    for (name, number, marker) in [("Clínica", CLINIC, "CLINIC-FACT-7f3a"), ("Tienda", SHOP, "SHOP-FACT-91cc")] {
        let tenant = json!({
            "name": name, "language": "es", "time_zone": "America/Argentina/Buenos_Aires", "handoff_emails": [],
            "assistant": {"persona": "Sos amable.", "instructions": "", "facts": marker, "tools": ["business_hours"]},
            "channels": [{"provider": "ycloud", "phone_number": number, "display_name": name}]
        });
        stack.apply_tenant(&tenant).await.unwrap();
    }
    let write = async |to: &str, text: &str| {
        let message = json!({ "from": LUCIA, "to": to, "text": text, "wait": true });
        stack.sim().inbound_with(&message).await.unwrap();
    };
    tokio::join!(write(CLINIC, "CLINIC-TEXT-55d1"), write(SHOP, "SHOP-TEXT-e02b"));
    quiet(&stack).await;

    assert_eq!(count(&stack, "SELECT count(*) FROM contacts").await, 2);
    assert_eq!(count(&stack, "SELECT count(DISTINCT tenant_id) FROM contacts").await, 2);
    assert_eq!(count(&stack, "SELECT count(*) FROM turns WHERE state = 'done'").await, 2);
    let requests = stack.sim().model_requests().await.unwrap();
    let prompts: Vec<String> = requests["items"].as_array().unwrap().iter().map(|request| request["body"].to_string()).collect();
    let of = |marker: &str| prompts.iter().filter(|prompt| prompt.contains(marker)).count();
    assert!(of("CLINIC-TEXT-55d1") >= 1 && of("SHOP-TEXT-e02b") >= 1, "{prompts:#?}");
    for prompt in &prompts {
        let clinic = prompt.contains("CLINIC-FACT-7f3a") || prompt.contains("CLINIC-TEXT-55d1");
        let shop = prompt.contains("SHOP-FACT-91cc") || prompt.contains("SHOP-TEXT-e02b");
        assert!(clinic != shop, "a prompt with both tenants, or none: {prompt}");
    }
    let from: Vec<String> = sends(&stack, LUCIA).await.iter().map(|send| send["from"].as_str().unwrap().to_owned()).collect();
    assert!(from.contains(&CLINIC.to_owned()) && from.contains(&SHOP.to_owned()), "{from:?}");
    stack.stop().await.unwrap();
}
