//! Finds sentences of the system message that answer a question; the assistant never says anything else as a fact.

use super::language::fold;

const MOST_LINES: usize = 8;
const LONGEST_LINE: usize = 240;
/// Lines that tell the model how to behave are no facts for a customer.
const INSTRUCTION_WORDS: &[&str] = &[
    "nunca ",
    "no inventes",
    "no digas",
    "no des ",
    "debes",
    "tenes que",
    "respond",
    "llama a",
    "usa la",
    "usa el",
    "herramienta",
    "derivhumano",
    "request_handoff",
    "instruccion",
    "never ",
    "always ",
    "siempre ",
    "sempre ",
    "do not ",
    "don't",
    "you are",
    "you must",
    "tool",
    "answer ",
    "reply ",
    "sos ",
    "eres ",
    "voce e ",
    "responda",
    "nao ",
    "deriva",
    "el cliente",
    "al cliente",
    "the customer",
    "the user",
    "if ",
    "si te ",
    "si pregunta",
    "business_hours",
    "idioma",
];

/// Lines with one of the words; a heading with one of them brings the list below it along.
pub(crate) fn about(system: &str, words: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut under_heading = false;
    for raw in system.lines() {
        let line = strip_markup(raw);
        if line.is_empty() {
            under_heading = false;
            continue;
        }
        let folded = fold(line);
        let hit = words.iter().any(|word| folded.contains(word));
        let is_heading = raw.trim_start().starts_with('#') || line.ends_with(':');
        if is_heading {
            under_heading = hit;
            continue;
        }
        if (hit || under_heading) && !is_instruction(&folded) && line.chars().count() <= LONGEST_LINE {
            let line = line.to_owned();
            if !found.contains(&line) {
                found.push(line);
            }
        }
    }
    found.truncate(MOST_LINES);
    found
}

/// Facts that share an uncommon word with the question.
pub(crate) fn mentioned(system: &str, question: &str) -> Vec<String> {
    let folded = fold(question);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 5).collect();
    // Cut the ending so that singular and plural meet.
    let stems: Vec<&str> = words.iter().filter_map(|word| word.get(..word.len().min(6))).collect();
    if stems.is_empty() {
        return Vec::new();
    }
    let mut lines = about(system, &stems);
    lines.truncate(3);
    lines
}

/// `Sos la asistente de Mate y Cuero.` names the business.
pub(crate) fn business_name(system: &str) -> Option<String> {
    const MARKERS: [&str; 12] = [
        "asistente virtual de ",
        "asistente de ",
        "assistant of ",
        "assistant for ",
        "assistant at ",
        "assistente virtual da ",
        "assistente da ",
        "assistente do ",
        "assistente de ",
        "negocio: ",
        "business: ",
        "empresa: ",
    ];
    let lower = system.to_lowercase();
    // Lower-casing may change byte lengths of exotic letters; then there is no name to find safely.
    let start = MARKERS.iter().find_map(|marker| lower.find(marker).map(|at| at + marker.len()))?;
    let rest = system.get(start..)?.trim_start_matches(['"', '«', '“', '*']);
    let name: String =
        rest.chars().take_while(|c| !matches!(c, '.' | ',' | '\n' | ';' | ':' | '"' | '»' | '”' | '*' | '(')).collect();
    let name = name.trim();
    let plausible = name.chars().next().is_some_and(char::is_uppercase) && name.chars().count() <= 40;
    plausible.then(|| name.to_owned())
}

fn strip_markup(line: &str) -> &str {
    line.trim().trim_start_matches(['#', '-', '*', '•', ' ']).trim_end_matches('*').trim()
}

fn is_instruction(folded: &str) -> bool {
    INSTRUCTION_WORDS.iter().any(|word| folded.starts_with(word) || folded.contains(&format!(" {word}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: &str = "Sos la asistente de Mate y Cuero. Respondé corto.\n\n## Servicios\n- Limpieza dental: $20.000\n\
                          - Ortodoncia\n\nDirección: San Martín 123\nNunca inventes precios.";

    #[test]
    fn a_heading_brings_its_list_and_instructions_stay_out() {
        assert_eq!(about(SYSTEM, &["servicio"]), vec!["Limpieza dental: $20.000", "Ortodoncia"]);
        assert!(about(SYSTEM, &["precio"]).is_empty());
        assert_eq!(mentioned(SYSTEM, "me pasás la dirección?"), vec!["Dirección: San Martín 123"]);
    }

    #[test]
    fn the_business_introduces_itself_by_name() {
        assert_eq!(business_name(SYSTEM).as_deref(), Some("Mate y Cuero"));
        assert_eq!(business_name("You are a helpful assistant for customers."), None);
    }
}
