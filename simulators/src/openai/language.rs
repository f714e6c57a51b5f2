//! Guesses Spanish, English or Portuguese from short messages by their commonest words.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Language {
    Spanish,
    English,
    Portuguese,
}

const SPANISH: &[&str] = &[
    "hola",
    "buenas",
    "buenos",
    "dias",
    "tardes",
    "noches",
    "que",
    "como",
    "cuando",
    "donde",
    "cual",
    "cuanto",
    "cuesta",
    "quiero",
    "quisiera",
    "necesito",
    "tienen",
    "tenes",
    "hay",
    "gracias",
    "por",
    "favor",
    "el",
    "los",
    "las",
    "una",
    "un",
    "y",
    "es",
    "estan",
    "abren",
    "cierran",
    "horario",
    "precio",
    "turno",
    "persona",
    "hablar",
    "con",
    "mi",
    "pedido",
    "envio",
    "si",
    "dale",
    "hoy",
    "manana",
    "puedo",
    "sale",
    "servicios",
    "atienden",
    "para",
];
const ENGLISH: &[&str] = &[
    "hello",
    "hi",
    "hey",
    "the",
    "what",
    "when",
    "where",
    "how",
    "much",
    "is",
    "are",
    "you",
    "do",
    "does",
    "i",
    "want",
    "need",
    "have",
    "please",
    "thanks",
    "thank",
    "open",
    "close",
    "hours",
    "price",
    "appointment",
    "person",
    "human",
    "talk",
    "speak",
    "to",
    "my",
    "order",
    "shipping",
    "yes",
    "today",
    "tomorrow",
    "can",
    "your",
    "and",
    "of",
    "any",
    "would",
    "like",
    "good",
    "morning",
    "services",
];
const PORTUGUESE: &[&str] = &[
    "ola",
    "oi",
    "bom",
    "boa",
    "dia",
    "tarde",
    "noite",
    "voces",
    "voce",
    "quanto",
    "custa",
    "quando",
    "onde",
    "qual",
    "quero",
    "queria",
    "preciso",
    "tem",
    "obrigado",
    "obrigada",
    "por",
    "favor",
    "os",
    "uma",
    "um",
    "e",
    "abrem",
    "fecham",
    "horario",
    "preco",
    "consulta",
    "pessoa",
    "falar",
    "com",
    "meu",
    "minha",
    "pedido",
    "sim",
    "hoje",
    "amanha",
    "posso",
    "nao",
    "ate",
    "atendente",
    "voces",
    "servicos",
    "fazem",
    "para",
];

pub(crate) fn of(text: &str) -> Option<Language> {
    let lower = text.to_lowercase();
    let plain = fold(&lower);
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let score = |list: &[&str]| words.iter().filter(|word| list.contains(word)).count() * 2;
    let marks = |marks: &[char]| if lower.contains(marks) { 3 } else { 0 };
    let spanish = score(SPANISH) + marks(&['ñ', '¿', '¡']);
    let english = score(ENGLISH);
    let portuguese = score(PORTUGUESE) + marks(&['ã', 'õ', 'ç', 'ê']);
    let best = spanish.max(english).max(portuguese);
    match best {
        0 => None,
        _ if best == spanish => Some(Language::Spanish),
        _ if best == portuguese => Some(Language::Portuguese),
        _ => Some(Language::English),
    }
}

/// Lower case without accents, so that tables need one spelling only.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
            'é' | 'ê' | 'è' => 'e',
            'í' | 'î' => 'i',
            'ó' | 'ô' | 'õ' | 'ö' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_questions_are_told_apart() {
        for (text, language) in [
            ("Hola! ¿a qué hora abren?", Language::Spanish),
            ("Hi, what are your opening hours?", Language::English),
            ("Oi, quanto custa a consulta?", Language::Portuguese),
            ("Olá, vocês têm horário amanhã?", Language::Portuguese),
            ("quiero hablar con una persona", Language::Spanish),
        ] {
            assert_eq!(of(text), Some(language), "{text}");
        }
        assert_eq!(of("👍"), None);
    }
}
