//! One route and method.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{failures, parameters};
use crate::http::{Access, Answer, Endpoint, Header, Parameter, Reader, Verb};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// One method of an endpoint.
pub(super) struct Operation {
    endpoint: &'static Endpoint,
    method: &'static str,
    parameters: Vec<Parameter>,
}

impl Operation {
    pub(super) fn new(endpoint: &'static Endpoint, method: &'static str) -> Self {
        Self { endpoint, method, parameters: Reader::describe(endpoint.handler) }
    }

    /// The part of the API it belongs to, as its folder is called.
    pub(super) fn tag(&self) -> &'static str {
        const VENDORS: [(&str, &str); 5] = [
            ("/api/crm/", "client_detail"),
            ("/api/v2/", "customers_v2"),
            ("/business/", "dashboard"),
            ("/miaosuan/", "miaosuan"),
            ("/wecom/", "wecom"),
        ];
        let path = self.endpoint.path;
        let vendor = VENDORS.iter().find(|(start, _)| path.starts_with(start)).map(|(_, tag)| *tag);
        vendor.or_else(|| path.split('/').nth(2)).unwrap_or_default()
    }

    /// Whether the parameters are in a body.
    fn has_body(&self) -> bool {
        self.method == "POST"
    }

    /// As the document has it.
    pub(super) fn described(&self, generator: &mut SchemaGenerator, examples: &Map<String, Value>) -> Value {
        let id = id(self.method, self.endpoint.path);
        let mut responses = failures::responses(self.endpoint, &self.parameters, generator);
        responses.insert("200".to_owned(), self.success(generator, examples.get(&id)));
        let mut described = json!({
            "operationId": id,
            "summary": self.endpoint.summary,
            "tags": [self.tag()],
            "security": self.security(),
            "parameters": self.beside_body(),
            "responses": responses,
        });
        if let Value::Object(members) = &mut described {
            if self.has_body() {
                members.insert("requestBody".to_owned(), self.body());
            }
            if !self.endpoint.creation_needs.is_empty() {
                let needs = self.endpoint.creation_needs.join("`, `");
                members
                    .insert("description".to_owned(), format!("Where it is not an update it needs `{needs}`.").into());
            }
        }
        described
    }

    fn security(&self) -> Value {
        match self.endpoint.access {
            Access::Public => json!([]),
            Access::Optional => json!([{}, {"bearer": []}, {"cookie": []}]),
            Access::Pending | Access::Session => json!([{"bearer": []}, {"cookie": []}]),
        }
    }

    /// The parameters that are not in the body.
    fn beside_body(&self) -> Vec<Value> {
        let path = self.endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let path = path.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
        let header = |header: &Header| {
            json!({
                "name": header.name, "in": "header", "required": header.is_required, "description": header.summary,
                "schema": {"type": "integer", "format": "int64", "minimum": 1},
            })
        };
        let key = json!({
            "name": crm_db::retry::HEADER, "in": "header", "required": false,
            "description": "Under the same key the same request is done once and answered the same, for 24 hours",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        });
        let in_query = !self.has_body() || self.endpoint.raw_body;
        let query = self.parameters.iter().filter(|_| in_query).map(parameters::in_query);
        path.chain(self.endpoint.headers.iter().map(header))
            .chain(self.endpoint.takes_keys().then_some(key))
            .chain(query)
            .collect()
    }

    fn body(&self) -> Value {
        if self.endpoint.raw_body {
            let schema = json!({
                "type": "object", "xml": {"name": "xml"},
                "properties": {"Encrypt": {"type": "string", "description": "The message, encrypted"}},
                "required": ["Encrypt"],
            });
            return json!({"required": true, "content": {"text/xml": {"schema": schema}}});
        }
        let mut form = parameters::form(&self.parameters);
        if self.endpoint.takes_file {
            parameters::add_file(&mut form);
            return json!({
                "required": true,
                "content": {
                    "multipart/form-data": {
                        "schema": form, "encoding": {"file": {"contentType": "application/octet-stream"}},
                    },
                },
            });
        }
        let also = matches!(self.endpoint.verb, Verb::Delete | Verb::PostOrQuery);
        json!({
            "required": self.parameters.iter().any(|parameter| parameter.is_required),
            "description": if also { "The parameters may as well be in the query" } else { "" },
            "content": {
                "application/json": {"schema": parameters::json_object(&self.parameters)},
                "application/x-www-form-urlencoded": {"schema": form.clone()},
                "multipart/form-data": {"schema": form},
            },
        })
    }

    fn success(&self, generator: &mut SchemaGenerator, example: Option<&Value>) -> Value {
        let text = || json!({"type": "string"});
        let media = match self.endpoint.answer {
            Answer::Json(schema) => vec![("application/json", schema(generator).to_value())],
            Answer::Text => vec![("text/plain", text())],
            Answer::File => vec![("text/csv", text()), (XLSX, json!({}))],
        };
        let content = media.into_iter().map(|(media, schema)| {
            let mut shown = json!({"schema": schema});
            if let (Some(example), Value::Object(members)) = (example.filter(|_| media != XLSX), &mut shown) {
                members.insert("example".to_owned(), example.clone());
            }
            (media.to_owned(), shown)
        });
        let content: Map<String, Value> = content.collect();
        let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/request-id"}});
        if let (true, Value::Object(headers)) = (self.endpoint.takes_keys(), &mut headers) {
            headers.insert("Idempotency-Replayed".to_owned(), json!({"$ref": "#/components/headers/replayed"}));
        }
        if let (Answer::File, Value::Object(headers)) = (self.endpoint.answer, &mut headers) {
            headers.insert("Content-Disposition".to_owned(), json!({"$ref": "#/components/headers/file-name"}));
        }
        if let (true, Value::Object(headers)) = (self.changes_session(), &mut headers) {
            headers.insert("Set-Cookie".to_owned(), json!({"$ref": "#/components/headers/cookie"}));
        }
        json!({"description": "Done", "headers": headers, "content": content})
    }

    /// Whether the session cookie may change with the answer.
    fn changes_session(&self) -> bool {
        ["login", "logout", "delsession"].iter().any(|name| self.endpoint.path.ends_with(name))
    }
}

/// The id of an operation.
pub(super) fn id(method: &str, path: &str) -> String {
    let words: Vec<&str> = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{}_{}", method.to_ascii_lowercase(), words.join("_"))
}
