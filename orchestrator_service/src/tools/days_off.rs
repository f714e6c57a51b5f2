//! When a business is closed although its week says otherwise: its own dates and, if it wants, its country's holidays.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate, TimeDelta, Utc};
use nexus_core::tenancy::TenantTx;
use serde_json::{Value, json};
use sqlx::types::Json;

use crate::holidays::{self, ClosedDate, Country};

/// How far ahead the assistant is told.
const AHEAD: TimeDelta = TimeDelta::days(30);

/// Dates with their reasons.
#[derive(Clone, Debug, Default)]
pub struct DaysOff(BTreeMap<NaiveDate, String>);

impl<const N: usize> From<[(NaiveDate, String); N]> for DaysOff {
    fn from(days: [(NaiveDate, String); N]) -> Self {
        Self(days.into())
    }
}

impl DaysOff {
    /// Those of the transaction's tenant, this year's and the next one's.
    pub async fn of_tenant(tx: &mut TenantTx) -> Result<Self, sqlx::Error> {
        let tenant = tx.tenant();
        let (country, on_holidays, own): (Option<Country>, bool, Json<Vec<ClosedDate>>) =
            sqlx::query_as("SELECT country, closed_on_holidays, closed_dates FROM tenants WHERE id = $1")
                .bind(tenant)
                .fetch_one(&mut **tx)
                .await?;
        let year = Utc::now().year();
        let country = country.filter(|_| on_holidays);
        let holidays = country.into_iter().flat_map(|country| [holidays::of(country, year), holidays::of(country, year + 1)]);
        // Its own words for a day go before the country's.
        let days = holidays.flatten().chain(own.0).map(|closed| (closed.date, closed.name));
        Ok(Self(days.collect()))
    }

    /// Why it is closed on a day; `None` when it is not.
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> Option<&str> {
        self.0.get(&date).map(String::as_str)
    }

    /// What the assistant is told of the days from this one on.
    pub(super) fn ahead_of(&self, date: NaiveDate) -> Vec<Value> {
        self.0.range(date..date + AHEAD).map(|(date, name)| json!({ "date": date, "name": name })).collect()
    }
}
