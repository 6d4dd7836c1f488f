//! The view of `/api`.

use super::{
    super::api::{ApiView, DocumentView, ErrorRow, IntegrationView, ParameterView, WordsView},
    Fill, text,
};

impl Fill {
    pub(super) fn api(self) -> ApiView {
        let document = DocumentView {
            pattern: "text",
            what: "text",
            sources: self.list("text"),
            cache: text(),
            parameters: self.list(ParameterView { name: "text", rule: "text" }),
            examples: self.list(text()),
        };
        let integration = IntegrationView { pattern: "text", what: "text", cache: text(), example: "text" };
        ApiView {
            documents: self.list(document),
            integrations: self.list(integration),
            socket: "text",
            words: self.list(WordsView { of: "text", words: self.list("text") }),
            errors: self.list(ErrorRow { status: 404, code: "text", message: "text" }),
        }
    }
}
