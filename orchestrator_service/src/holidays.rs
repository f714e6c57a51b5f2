//! The public holidays of the countries we serve, computed: fixed days, days around Easter, and days that are moved.
//! Bridges that a government decrees year by year are not here; a business adds them to its own closed dates.
//!
//! Sources: Ley 27.399 (AR), Lei 662/1949 and 14.759/2023 (BR), leyes 2.977, 19.668 and 21.357 (CL), Ley 51 de 1983 (CO),
//! artículo 74 of the Ley Federal del Trabajo (MX), Ley 16.805 (UY).

use chrono::{Datelike as _, NaiveDate, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A country whose holidays are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[sqlx(type_name = "text")]
pub enum Country {
    /// Argentina.
    #[serde(rename = "AR")]
    #[sqlx(rename = "AR")]
    Argentina,
    /// Brazil.
    #[serde(rename = "BR")]
    #[sqlx(rename = "BR")]
    Brazil,
    /// Chile.
    #[serde(rename = "CL")]
    #[sqlx(rename = "CL")]
    Chile,
    /// Colombia.
    #[serde(rename = "CO")]
    #[sqlx(rename = "CO")]
    Colombia,
    /// Mexico.
    #[serde(rename = "MX")]
    #[sqlx(rename = "MX")]
    Mexico,
    /// Uruguay.
    #[serde(rename = "UY")]
    #[sqlx(rename = "UY")]
    Uruguay,
}

/// A day on which a business is closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedDate {
    /// Which day.
    pub date: NaiveDate,
    /// Why, in the language of the business.
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    pub name: String,
}

/// When within a year.
enum Rule {
    /// Month and day.
    On(u32, u32),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// The n-th such weekday of a month.
    Nth(u32, Weekday, u8),
    /// Month and day, moved to the Monday after unless it is one (Ley Emiliani).
    MondayAfter(u32, u32),
    /// So many days after Easter, moved to the Monday after.
    EasterMonday(i64),
    /// Tuesday or Wednesday moves back to Monday, Thursday or Friday on to the next.
    NearestMonday(u32, u32),
}

use Rule::{Easter, EasterMonday, MondayAfter, NearestMonday, Nth, On};

/// The holidays of a year, in their order.
#[must_use]
pub fn of(country: Country, year: i32) -> Vec<ClosedDate> {
    let rules = rules(country).iter();
    let mut days: Vec<ClosedDate> =
        rules.filter_map(|(rule, name)| Some(ClosedDate { date: date(rule, year)?, name: (*name).to_owned() })).collect();
    days.sort();
    days
}

fn rules(country: Country) -> &'static [(Rule, &'static str)] {
    match country {
        Country::Argentina => &[
            (On(1, 1), "Año Nuevo"),
            (Easter(-48), "Carnaval"),
            (Easter(-47), "Carnaval"),
            (On(3, 24), "Día de la Memoria"),
            (Easter(-2), "Viernes Santo"),
            (On(4, 2), "Día de los Veteranos de Malvinas"),
            (On(5, 1), "Día del Trabajador"),
            (On(5, 25), "Revolución de Mayo"),
            (NearestMonday(6, 17), "Paso a la Inmortalidad de Güemes"),
            (On(6, 20), "Día de la Bandera"),
            (On(7, 9), "Día de la Independencia"),
            (NearestMonday(8, 17), "Paso a la Inmortalidad de San Martín"),
            (NearestMonday(10, 12), "Respeto a la Diversidad Cultural"),
            (NearestMonday(11, 20), "Soberanía Nacional"),
            (On(12, 8), "Inmaculada Concepción"),
            (On(12, 25), "Navidad"),
        ],
        Country::Brazil => &[
            (On(1, 1), "Confraternização Universal"),
            (Easter(-2), "Sexta-feira Santa"),
            (On(4, 21), "Tiradentes"),
            (On(5, 1), "Dia do Trabalho"),
            (On(9, 7), "Independência do Brasil"),
            (On(10, 12), "Nossa Senhora Aparecida"),
            (On(11, 2), "Finados"),
            (On(11, 15), "Proclamação da República"),
            (On(11, 20), "Consciência Negra"),
            (On(12, 25), "Natal"),
        ],
        Country::Chile => &[
            (On(1, 1), "Año Nuevo"),
            (Easter(-2), "Viernes Santo"),
            (Easter(-1), "Sábado Santo"),
            (On(5, 1), "Día del Trabajo"),
            (On(5, 21), "Glorias Navales"),
            (NearestMonday(6, 29), "San Pedro y San Pablo"),
            (On(7, 16), "Virgen del Carmen"),
            (On(8, 15), "Asunción de la Virgen"),
            (On(9, 18), "Independencia Nacional"),
            (On(9, 19), "Glorias del Ejército"),
            (NearestMonday(10, 12), "Encuentro de Dos Mundos"),
            (On(11, 1), "Todos los Santos"),
            (On(12, 8), "Inmaculada Concepción"),
            (On(12, 25), "Navidad"),
        ],
        Country::Colombia => &[
            (On(1, 1), "Año Nuevo"),
            (MondayAfter(1, 6), "Reyes Magos"),
            (MondayAfter(3, 19), "San José"),
            (Easter(-3), "Jueves Santo"),
            (Easter(-2), "Viernes Santo"),
            (On(5, 1), "Día del Trabajo"),
            (EasterMonday(39), "Ascensión del Señor"),
            (EasterMonday(60), "Corpus Christi"),
            (EasterMonday(68), "Sagrado Corazón"),
            (MondayAfter(6, 29), "San Pedro y San Pablo"),
            (On(7, 20), "Independencia"),
            (On(8, 7), "Batalla de Boyacá"),
            (MondayAfter(8, 15), "Asunción de la Virgen"),
            (MondayAfter(10, 12), "Día de la Raza"),
            (MondayAfter(11, 1), "Todos los Santos"),
            (MondayAfter(11, 11), "Independencia de Cartagena"),
            (On(12, 8), "Inmaculada Concepción"),
            (On(12, 25), "Navidad"),
        ],
        Country::Mexico => &[
            (On(1, 1), "Año Nuevo"),
            (Nth(2, Weekday::Mon, 1), "Día de la Constitución"),
            (Nth(3, Weekday::Mon, 3), "Natalicio de Benito Juárez"),
            (On(5, 1), "Día del Trabajo"),
            (On(9, 16), "Independencia"),
            (Nth(11, Weekday::Mon, 3), "Revolución Mexicana"),
            (On(12, 25), "Navidad"),
        ],
        Country::Uruguay => &[
            (On(1, 1), "Año Nuevo"),
            (On(5, 1), "Día de los Trabajadores"),
            (On(7, 18), "Jura de la Constitución"),
            (On(8, 25), "Declaratoria de la Independencia"),
            (On(12, 25), "Día de la Familia"),
        ],
    }
}

fn date(rule: &Rule, year: i32) -> Option<NaiveDate> {
    let easter = |days: i64| Some(easter(year)? + TimeDelta::days(days));
    match *rule {
        On(month, day) => NaiveDate::from_ymd_opt(year, month, day),
        Easter(days) => easter(days),
        Nth(month, weekday, n) => NaiveDate::from_weekday_of_month_opt(year, month, weekday, n),
        MondayAfter(month, day) => NaiveDate::from_ymd_opt(year, month, day).map(monday_from),
        EasterMonday(days) => easter(days).map(monday_from),
        NearestMonday(month, day) => NaiveDate::from_ymd_opt(year, month, day).map(|date| match date.weekday() {
            Weekday::Tue | Weekday::Wed => date - TimeDelta::days(i64::from(date.weekday().num_days_from_monday())),
            Weekday::Thu | Weekday::Fri => monday_from(date),
            _ => date,
        }),
    }
}

/// The Monday of this day or after it.
fn monday_from(date: NaiveDate) -> NaiveDate {
    date + TimeDelta::days(i64::from((7 - date.weekday().num_days_from_monday()) % 7))
}

/// Easter Sunday in the Gregorian calendar, by the rule of Meeus, Jones and Butcher.
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the calendars that the governments publish for 2026.
    #[test]
    fn the_days_of_2026_are_those_of_the_official_calendars() {
        let cases = [
            (Country::Argentina, 16, &["2026-02-16", "2026-02-17", "2026-04-03", "2026-06-15", "2026-08-17", "2026-10-12"][..]),
            (Country::Brazil, 10, &["2026-04-03", "2026-11-20"]),
            (Country::Chile, 14, &["2026-04-04", "2026-06-29", "2026-10-12"]),
            (Country::Colombia, 18, &["2026-01-12", "2026-03-23", "2026-05-18", "2026-06-08", "2026-06-15", "2026-11-16"]),
            (Country::Mexico, 7, &["2026-02-02", "2026-03-16", "2026-11-16"]),
            (Country::Uruguay, 5, &["2026-07-18"]),
        ];
        for (country, count, some) in cases {
            let days: Vec<String> = of(country, 2026).iter().map(|day| day.date.to_string()).collect();
            assert_eq!(days.len(), count, "{country:?}");
            assert!(days.is_sorted());
            for day in some {
                assert!(days.contains(&(*day).to_owned()), "{country:?} lacks {day}: {days:?}");
            }
        }
        assert_eq!(easter(2038).unwrap().to_string(), "2038-04-25", "the latest there is");
    }
}
