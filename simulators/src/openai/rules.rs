//! The assistant that answers when no script does: it reads the last messages by a table of intents,
//! calls the tools it is offered, and states as facts only what a tool or the system message says.

use serde_json::Value;

use super::{
    answer::{Answer, ToolCall},
    chat::text_of,
    facts,
    intents::{Intent, RULES, Rule},
    language::{self, Language},
    phrases, tools,
};

/// What the customer has said since the assistant last spoke, and what the tools have answered since.
struct Turn<'a> {
    system: String,
    questions: Vec<String>,
    results: Vec<(&'a str, String)>,
    language: Language,
}

pub(crate) fn answer(body: &Value) -> Answer {
    let turn = Turn::read(body);
    let wishes: Vec<(&Rule, &str)> = turn.wishes();
    let calls = turn.calls_to_make(body, &wishes);
    if !calls.is_empty() {
        return Answer::calls(calls);
    }
    Answer::text(turn.compose(&wishes))
}

impl<'a> Turn<'a> {
    fn read(body: &'a Value) -> Self {
        let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let spoke = |message: &Value| message["role"] == "assistant" && call_names(message).is_empty();
        let start = messages.iter().rposition(spoke).map_or(0, |position| position + 1);
        let current = messages.get(start..).unwrap_or_default();
        let said = |messages: &[Value], roles: &[&str]| -> Vec<String> {
            let wanted = messages.iter().filter(|message| message["role"].as_str().is_some_and(|role| roles.contains(&role)));
            wanted.map(|message| text_of(&message["content"])).collect()
        };
        let questions = said(current, &["user"]);
        let known = said(messages, &["user"]);
        let language =
            language::of(&questions.join("\n")).or_else(|| known.iter().rev().find_map(|message| language::of(message)));
        Self {
            system: said(messages, &["system", "developer"]).join("\n"),
            questions,
            results: results(current),
            language: language.unwrap_or(Language::Spanish),
        }
    }

    /// Every intent once, with the message that expressed it.
    fn wishes(&self) -> Vec<(&'static Rule, &str)> {
        let mut wishes: Vec<(&Rule, &str)> = Vec::new();
        for question in &self.questions {
            let mut matching: Vec<&Rule> = RULES.iter().filter(|rule| rule.is_said(question)).collect();
            // Asking for a price is part of asking for a service, an appointment or a person.
            let specific = |rule: &&&Rule| {
                matches!(rule.intent, Intent::Person | Intent::Service | Intent::Order | Intent::Shipping | Intent::Payment)
            };
            if matching.iter().find(specific).is_some() {
                matching.retain(|rule| rule.intent != Intent::Product);
            }
            // A long message that says "si" on the way is no confirmation.
            if question.split_whitespace().count() > 4 || matching.len() > 1 {
                matching.retain(|rule| rule.intent != Intent::Confirm);
            }
            // "¿Hay turno a la tarde?" asks for a slot, not for the opening hours.
            if matching.iter().any(|rule| rule.intent == Intent::Booking) {
                matching.retain(|rule| !matches!(rule.intent, Intent::Hours | Intent::Product));
            }
            if matching.iter().any(|rule| rule.intent == Intent::Person) {
                matching.retain(|rule| rule.intent == Intent::Person);
            }
            for rule in matching {
                if wishes.iter().all(|(known, _)| known.intent != rule.intent) {
                    wishes.push((rule, question));
                }
            }
        }
        wishes
    }

    fn calls_to_make(&self, body: &Value, wishes: &[(&Rule, &str)]) -> Vec<ToolCall> {
        let mut calls: Vec<ToolCall> = Vec::new();
        for (rule, question) in wishes {
            let Some(function) = tools::offered(body, rule.tools) else { continue };
            let name = function["name"].as_str().unwrap_or_default();
            let done = self.results.iter().any(|(called, _)| *called == name);
            if !done && calls.iter().all(|call| call.name != name) {
                calls.push(tools::call(function, question));
            }
        }
        if body["parallel_tool_calls"] == false {
            calls.truncate(1);
        }
        calls
    }

    fn compose(&self, wishes: &[(&Rule, &str)]) -> String {
        let mut parts: Vec<String> = Vec::new();
        let greeted = wishes.iter().any(|(rule, _)| rule.intent == Intent::Greeting);
        for (rule, question) in wishes.iter().filter(|(rule, _)| rule.intent != Intent::Greeting) {
            let part = match self.result_for(rule) {
                Some(result) => phrases::from_tool(self.language, rule.intent, result),
                None => self.quote_facts(rule, question),
            };
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        // Messages no rule understood may still be answered by a fact.
        for question in self.questions.iter().filter(|question| RULES.iter().all(|rule| !rule.is_said(question))) {
            let lines = facts::mentioned(&self.system, question);
            if !lines.is_empty() {
                parts.push(phrases::quote(&lines));
            }
        }
        if greeted {
            let name = facts::business_name(&self.system);
            parts.insert(0, phrases::greeting(self.language, name.as_deref(), parts.is_empty()));
        }
        if parts.is_empty() {
            parts.push(phrases::clarify(self.language).to_owned());
        }
        parts.join("\n\n")
    }

    fn result_for(&self, rule: &Rule) -> Option<&str> {
        let by_fragment = |fragment: &&str| self.results.iter().find(|(name, _)| name.to_lowercase().contains(*fragment));
        rule.tools.iter().find_map(by_fragment).map(|(_, result)| result.as_str())
    }

    fn quote_facts(&self, rule: &Rule, question: &str) -> String {
        // "Do you have parking?" asks about parking, not for the price list.
        let named = match rule.intent {
            Intent::Product => facts::mentioned(&self.system, &tools::keywords(question)),
            _ => Vec::new(),
        };
        if !named.is_empty() {
            return phrases::quote(&named);
        }
        let lines = if rule.facts.is_empty() { Vec::new() } else { facts::about(&self.system, rule.facts) };
        let lines = if lines.is_empty() && !rule.facts.is_empty() { facts::mentioned(&self.system, question) } else { lines };
        if lines.is_empty() {
            return phrases::without_facts(self.language, rule.intent).to_owned();
        }
        format!("{}\n{}", phrases::lead(self.language, rule.intent), phrases::quote(&lines))
    }
}

fn call_names(message: &Value) -> Vec<(&str, &str)> {
    let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    calls.iter().filter_map(|call| Some((call["id"].as_str()?, call["function"]["name"].as_str()?))).collect()
}

fn results(messages: &[Value]) -> Vec<(&str, String)> {
    let names: Vec<(&str, &str)> = messages.iter().flat_map(call_names).collect();
    let tools = messages.iter().filter(|message| message["role"] == "tool");
    tools
        .filter_map(|message| {
            let id = message["tool_call_id"].as_str()?;
            let (_, name) = names.iter().find(|(known, _)| *known == id)?;
            Some((*name, text_of(&message["content"])))
        })
        .collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
