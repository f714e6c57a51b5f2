//! The words of the rule-based assistant in three languages, and tool results put into words.

use serde_json::{Map, Value};

use super::{
    intents::Intent,
    language::Language::{self, English, Portuguese, Spanish},
};

const MOST_ITEMS: usize = 6;

pub(crate) fn greeting(language: Language, business: Option<&str>, ask: bool) -> String {
    let mut text = match (language, business) {
        (Spanish, Some(name)) => format!("¡Hola! Gracias por escribir a {name} 😊"),
        (Spanish, None) => "¡Hola! 😊".to_owned(),
        (English, Some(name)) => format!("Hi! Thanks for writing to {name} 😊"),
        (English, None) => "Hi! 😊".to_owned(),
        (Portuguese, Some(name)) => format!("Olá! Obrigada por escrever para {name} 😊"),
        (Portuguese, None) => "Olá! 😊".to_owned(),
    };
    if ask {
        text += match language {
            Spanish => " ¿En qué te puedo ayudar?",
            English => " How can I help you?",
            Portuguese => " Em que posso ajudar?",
        };
    }
    text
}

pub(crate) fn clarify(language: Language) -> &'static str {
    match language {
        Spanish => {
            "Quiero ayudarte bien. ¿Me contás un poco más? Por ejemplo, si buscás horarios, servicios, precios o \
             hablar con una persona."
        }
        English => {
            "I'd like to get this right. Could you tell me a bit more? For example opening hours, services, \
             prices, or talking to a person."
        }
        Portuguese => {
            "Quero ajudar direitinho. Pode me contar um pouco mais? Por exemplo: horários, serviços, preços ou \
             falar com uma pessoa."
        }
    }
}

/// Introduces lines quoted from the system message.
pub(crate) fn lead(language: Language, intent: Intent) -> &'static str {
    match (intent, language) {
        (Intent::Hours, Spanish) => "Estos son nuestros horarios:",
        (Intent::Hours, English) => "These are our opening hours:",
        (Intent::Hours, Portuguese) => "Estes são os nossos horários:",
        (Intent::Service | Intent::Product, Spanish) => "Esto es lo que ofrecemos:",
        (Intent::Service | Intent::Product, English) => "This is what we offer:",
        (Intent::Service | Intent::Product, Portuguese) => "Isto é o que oferecemos:",
        (_, Spanish) => "Te cuento:",
        (_, English) => "Here is what I can tell you:",
        (_, Portuguese) => "Vou te contar:",
    }
}

/// Said when neither a tool nor the system message knows.
pub(crate) fn without_facts(language: Language, intent: Intent) -> &'static str {
    match (intent, language) {
        (Intent::Thanks, Spanish) => "¡De nada! Cualquier otra cosa, acá estoy 🙌",
        (Intent::Thanks, English) => "You're welcome! I'm here if you need anything else 🙌",
        (Intent::Thanks, Portuguese) => "De nada! Se precisar de mais alguma coisa, estou aqui 🙌",
        (Intent::Goodbye, Spanish) => "¡Hasta luego! Que tengas un lindo día 👋",
        (Intent::Goodbye, English) => "Goodbye! Have a lovely day 👋",
        (Intent::Goodbye, Portuguese) => "Até logo! Tenha um ótimo dia 👋",
        (Intent::Person, Spanish) => {
            "Entiendo. En este momento no puedo pasarte con una persona desde acá, pero contame qué necesitás y te ayudo."
        }
        (Intent::Person, English) => {
            "I understand. I can't transfer you to a person from here right now, but tell me what you need and I'll help."
        }
        (Intent::Person, Portuguese) => {
            "Entendo. Agora não consigo transferir você para uma pessoa daqui, mas me conte o que precisa e eu ajudo."
        }
        (Intent::Booking, Spanish) => "Con gusto. ¿Para qué día y qué servicio querés el turno?",
        (Intent::Booking, English) => "Of course. Which day and which service would you like?",
        (Intent::Booking, Portuguese) => "Claro. Para qual dia e qual serviço você gostaria?",
        (Intent::Confirm, Spanish) => "Perfecto, anotado 👍",
        (Intent::Confirm, English) => "Perfect, noted 👍",
        (Intent::Confirm, Portuguese) => "Perfeito, anotado 👍",
        (_, Spanish) => "Ese dato no lo tengo a mano y prefiero no inventarlo. ¿Querés que lo consulte con el equipo?",
        (_, English) => "I don't have that detail at hand and would rather not guess. Shall I check with the team?",
        (_, Portuguese) => "Não tenho esse dado em mãos e prefiro não inventar. Quer que eu consulte a equipe?",
    }
}

pub(crate) fn quote(lines: &[String]) -> String {
    if let [only] = lines {
        return only.clone();
    }
    lines.iter().map(|line| format!("• {line}")).collect::<Vec<_>>().join("\n")
}

pub(crate) fn from_tool(language: Language, intent: Intent, result: &str) -> String {
    let value: Value = serde_json::from_str(result).unwrap_or_else(|_| Value::String(result.to_owned()));
    if value["ok"] == false || value["success"] == false || !value["error"].is_null() {
        return match language {
            Spanish => "Quise consultarlo pero no pude en este momento. ¿Lo intentamos de nuevo en un ratito?",
            English => "I tried to look that up but couldn't right now. Shall we try again in a moment?",
            Portuguese => "Tentei consultar, mas não consegui agora. Vamos tentar de novo daqui a pouco?",
        }
        .to_owned();
    }
    if intent == Intent::Person {
        return match language {
            Spanish => "Listo, ya le pasé tu conversación a una persona del equipo. En breve te responde por acá 🙌",
            English => "Done, I have passed your chat on to a person from the team. They will answer here shortly 🙌",
            Portuguese => "Pronto, já passei sua conversa para uma pessoa da equipe. Em breve respondem por aqui 🙌",
        }
        .to_owned();
    }
    let inner = ["data", "result"].iter().map(|key| &value[*key]).find(|inner| !inner.is_null()).unwrap_or(&value);
    let lines = lines_of(language, inner);
    if lines.is_empty() {
        return match language {
            Spanish => "Busqué y no encontré nada con eso. ¿Probamos con otra opción?",
            English => "I looked and found nothing for that. Shall we try something else?",
            Portuguese => "Procurei e não encontrei nada. Vamos tentar outra opção?",
        }
        .to_owned();
    }
    format!("{}\n{}", tool_lead(language, intent), quote(&lines))
}

fn tool_lead(language: Language, intent: Intent) -> &'static str {
    match (intent, language) {
        (Intent::Booking, Spanish) => "Mirá lo que encontré. ¿Cuál te queda bien?",
        (Intent::Booking, English) => "Here is what I found. Which one suits you?",
        (Intent::Booking, Portuguese) => "Veja o que encontrei. Qual fica melhor?",
        (Intent::Order, Spanish) => "Así viene tu pedido:",
        (Intent::Order, English) => "Here is how your order is doing:",
        (Intent::Order, Portuguese) => "Assim está o seu pedido:",
        _ => lead(language, intent),
    }
}

fn lines_of(language: Language, value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        Value::Array(items) => items.iter().filter_map(|item| item_line(language, item)).take(MOST_ITEMS + 1).collect(),
        Value::Object(fields) => object_lines(language, fields),
        _ => Vec::new(),
    }
}

fn object_lines(language: Language, fields: &Map<String, Value>) -> Vec<String> {
    let spoken = ["text", "message", "answer", "summary", "formatted", "description"];
    if let Some(text) = spoken.iter().find_map(|key| fields.get(*key)).filter(|text| text.is_string()) {
        return lines_of(language, text);
    }
    let mut lines = Vec::new();
    for (key, value) in fields {
        match value {
            Value::Bool(open) if key.contains("open") => lines.insert(0, open_now(language, *open).to_owned()),
            Value::Array(items) if day(language, key).is_none() => {
                if items.is_empty() && key.contains("hours") {
                    continue;
                }
                lines.extend(lines_of(language, value));
            }
            Value::Object(inner) if day(language, key).is_none() => lines.extend(object_lines(language, inner)),
            _ => {
                let label = day(language, key).map(str::to_owned).or_else(|| label(key));
                if let (Some(label), Some(text)) = (label, field_text(value)) {
                    lines.push(format!("{label}: {text}"));
                }
            }
        }
    }
    lines.truncate(MOST_ITEMS + 2);
    lines
}

fn item_line(language: Language, item: &Value) -> Option<String> {
    let Value::Object(fields) = item else { return field_text(item) };
    let text = |keys: &[&str]| keys.iter().find_map(|key| fields.get(*key)).and_then(field_text);
    if let Some(name) = text(&["day", "weekday", "dia"]) {
        let name = day(language, &name).map_or(name, str::to_owned);
        let hours = span(fields).or_else(|| text(&["hours", "intervals", "ranges", "windows"]));
        let closed = match language {
            Spanish => "cerrado",
            English => "closed",
            Portuguese => "fechado",
        };
        return Some(format!("{name}: {}", hours.unwrap_or_else(|| closed.to_owned())));
    }
    let title = text(&["label", "name", "title", "nombre", "service", "date", "start", "starts_at", "local", "ref"])?;
    let mut line = title;
    if let Some(price) = text(&["price", "precio", "amount", "price_text"]) {
        let currency = text(&["currency"]).map(|currency| format!(" {currency}")).unwrap_or_default();
        line += &format!(" — {price}{currency}");
    }
    if let Some(minutes) = text(&["duration_minutes", "minutes"]) {
        line += &format!(" ({minutes} min)");
    }
    if fields.get("in_stock") == Some(&Value::Bool(false)) {
        line += match language {
            Spanish => " (sin stock)",
            English => " (out of stock)",
            Portuguese => " (sem estoque)",
        };
    }
    Some(line)
}

/// `{open, close}` and its relatives as one span.
fn span(fields: &Map<String, Value>) -> Option<String> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| fields.get(*key)).and_then(Value::as_str);
    let from = text(&["open", "opens", "opens_at", "from", "start"])?;
    let to = text(&["close", "closes", "closes_at", "to", "end"])?;
    Some(format!("{from} – {to}"))
}

fn field_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(field_text).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
        Value::Object(fields) => span(fields),
        _ => None,
    }
}

/// Technical fields have no label and are left out.
fn label(key: &str) -> Option<String> {
    const SILENT: [&str; 8] = ["ok", "ref", "timezone", "time_zone", "note", "success", "code", "count"];
    if SILENT.contains(&key) || key == "id" || key.ends_with("_id") {
        return None;
    }
    let mut words = key.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Some(words)
}

fn open_now(language: Language, open: bool) -> &'static str {
    match (language, open) {
        (Spanish, true) => "Ahora mismo estamos abiertos ✅",
        (Spanish, false) => "En este momento estamos cerrados",
        (English, true) => "We are open right now ✅",
        (English, false) => "We are closed at the moment",
        (Portuguese, true) => "Agora mesmo estamos abertos ✅",
        (Portuguese, false) => "No momento estamos fechados",
    }
}

fn day(language: Language, name: &str) -> Option<&'static str> {
    const DAYS: [[&str; 4]; 7] = [
        ["mon", "Lunes", "Monday", "Segunda"],
        ["tue", "Martes", "Tuesday", "Terça"],
        ["wed", "Miércoles", "Wednesday", "Quarta"],
        ["thu", "Jueves", "Thursday", "Quinta"],
        ["fri", "Viernes", "Friday", "Sexta"],
        ["sat", "Sábado", "Saturday", "Sábado"],
        ["sun", "Domingo", "Sunday", "Domingo"],
    ];
    let lower = name.to_lowercase();
    let [_, spanish, english, portuguese] = DAYS.iter().find(|names| lower == names[0] || lower == names[2].to_lowercase())?;
    Some(match language {
        Spanish => spanish,
        English => english,
        Portuguese => portuguese,
    })
}
