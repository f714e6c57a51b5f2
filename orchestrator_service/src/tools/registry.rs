//! Name to tool. A name no tool has is words for the model, so this only ever answers with an option.

use serde_json::{Value, json};

use super::Tool;
use super::business_hours::BusinessHours;
use super::request_handoff::RequestHandoff;

/// Names that assistants of Nexus v3 call tools by.
const ALIASES: [(&str, &str); 1] = [("derivhumano", "request_handoff")];

/// The tools of this build.
pub struct Registry {
    tools: Vec<Box<dyn Tool>>,
}

impl Registry {
    /// All of them.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a registry is the build's, not a default")]
    pub fn new() -> Self {
        Self { tools: vec![Box::new(BusinessHours), Box::new(RequestHandoff)] }
    }

    /// The tool with this name or alias.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&dyn Tool> {
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
        self.tools.iter().find(|tool| tool.name() == name).map(AsRef::as_ref)
    }

    /// The names that can be listed in an assistant.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.tools.iter().map(|tool| tool.name()).collect()
    }

    /// What the model is told about the tools an assistant may use; unknown names tell nothing.
    #[must_use]
    pub fn definitions(&self, allowed: &[String]) -> Vec<Value> {
        let tools = self.tools.iter().map(AsRef::as_ref);
        tools.filter(|tool| self.is_allowed(tool.name(), allowed)).map(definition).collect()
    }

    /// Whether an assistant may use the tool; the list may name it by an alias.
    #[must_use]
    pub fn is_allowed(&self, name: &str, allowed: &[String]) -> bool {
        allowed.iter().any(|listed| self.find(listed).is_some_and(|tool| tool.name() == name))
    }
}

fn definition(tool: &dyn Tool) -> Value {
    json!({
        "type": "function",
        "function": { "name": tool.name(), "description": tool.description(), "parameters": tool.schema() }
    })
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_tools_are_defined_and_aliases_count() {
        let registry = Registry::new();
        let names = |allowed: &[&str]| -> Vec<String> {
            let allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
            let names = registry.definitions(&allowed).into_iter();
            names.map(|definition| definition["function"]["name"].as_str().unwrap().to_owned()).collect()
        };
        assert!(names(&[]).is_empty());
        assert_eq!(names(&["derivhumano", "fly"]), ["request_handoff"]);
        assert_eq!(names(&["request_handoff", "business_hours"]), ["business_hours", "request_handoff"]);
    }

    #[test]
    fn schemas_are_objects_that_refuse_what_they_do_not_know() {
        for tool in &Registry::new().tools {
            let schema = tool.schema();
            assert_eq!(schema["type"], "object", "{}", tool.name());
            assert_eq!(schema["additionalProperties"], false, "{}", tool.name());
            assert!(schema["properties"].is_object(), "{}", tool.name());
        }
    }
}
