//! Decides what becomes of templates.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Refused;
use crate::{
    state::{Sim, lock},
    ycloud::templates,
};

/// One template: by the number of the business or by the account.
#[derive(Deserialize)]
pub(super) struct TemplateRequest {
    from: Option<String>,
    waba_id: Option<String>,
    name: String,
    language: String,
    /// `reviewed`, `category_updated` or `quality_updated`: changes it and reports that. Left out: puts it there, quietly.
    report: Option<String>,
    /// `category`, `status`, `components`, `qualityRating`, `reason`, …
    #[serde(flatten)]
    fields: Map<String, Value>,
}

pub(super) async fn template(State(sim): State<Arc<Sim>>, Json(request): Json<TemplateRequest>) -> Result<Json<Value>, Refused> {
    let account = {
        let config = sim.config();
        let number = request.from.or_else(|| config.business_numbers.first().map(|number| number.phone.clone()));
        let of_number = number.and_then(|number| config.waba_of(&number));
        request.waba_id.or(of_number).ok_or_else(|| Refused::bad("no such business number"))?
    };
    let fields = Value::Object(request.fields);
    let Some(report) = request.report else {
        let mut template = fields;
        template["name"] = json!(request.name);
        template["language"] = json!(request.language);
        let put = lock(&sim.ycloud.templates).put(&account, template);
        return put.map(Json).ok_or_else(|| Refused::bad("this is no template"));
    };
    let key = (account, request.name, request.language);
    let reported = templates::report(&sim, &key, &format!("whatsapp.template.{report}"), &fields);
    reported.map(Json).ok_or_else(|| Refused::missing("no such template"))
}
