//! The assistant a tenant starts with when nobody has written one yet.

use super::file::AssistantSpec;

impl AssistantSpec {
    /// A polite one that knows nothing and hands over, in the tenant's language.
    #[must_use]
    pub fn starter(business: &str, language: &str) -> Self {
        let (name, persona, instructions) = match language {
            "pt" => (
                "Assistente",
                format!("Você é a assistente virtual de {business}. Responde com simpatia, em poucas frases, sem inventar nada."),
                "Se não souber algo ou pedirem para falar com uma pessoa, passe a conversa para a equipe.",
            ),
            "en" => (
                "Assistant",
                format!(
                    "You are the virtual assistant of {business}. You answer warmly, in few sentences, and never make anything up."
                ),
                "If you do not know something, or somebody asks for a person, hand the conversation to the team.",
            ),
            _ => (
                "Asistente",
                format!("Sos la asistente virtual de {business}. Respondés con calidez, en pocas frases, sin inventar nada."),
                "Si no sabés algo o te piden hablar con una persona, pasá la conversación al equipo.",
            ),
        };
        Self {
            name: name.to_owned(),
            persona,
            instructions: instructions.to_owned(),
            facts: String::new(),
            model: None,
            tools: vec!["business_hours".to_owned(), "request_handoff".to_owned()],
        }
    }
}
