//! What the application serves: one table of endpoints, from which the routes are registered and
//! the tests read what there is.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Call, Failure, Outcome, Reader};
use crate::native;

/// The methods an endpoint answers, and where its parameters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// GET; parameters in the query.
    Get,
    /// POST; parameters in the body.
    Post,
    /// POST; parameters in the body or the query.
    PostOrQuery,
    /// POST and DELETE; parameters in the body or the query.
    Delete,
}

impl Verb {
    /// The methods, as an `Allow` header lists them.
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Get => &["GET"],
            Self::Post | Self::PostOrQuery => &["POST"],
            Self::Delete => &["POST", "DELETE"],
        }
    }
}

/// Who may call at all; what they may do is the service's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody; a session is not looked at.
    Public,
    /// Anybody; a session is used when there is one.
    Optional,
    /// People with a session, also those who must change their password first.
    Pending,
    /// People with a session.
    Session,
}

/// Reads the parameters, calls one service method, writes the answer.
pub type Handler = fn(&Call<'_>, &mut Reader) -> Outcome;

/// The body of a failed request in a dialect, given the id of the request.
pub type FailureBody = fn(&Failure, &str) -> Vec<u8>;

/// Makes the schema of a type.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of this type.
fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The schema of what is one or the other.
fn either<A: JsonSchema, B: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let (one, other) = (generator.subschema_for::<A>(), generator.subschema_for::<B>());
    json_schema!({"anyOf": [one, other]})
}

/// What a success is answered with.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// JSON of this schema.
    Json(SchemaOf),
    /// Plain text.
    Text,
    /// A file: CSV or XLSX.
    File,
}

/// A header a handler reads.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Its name, in lower case. Its value is the id of a record.
    pub name: &'static str,
    /// Whether the request is refused without it.
    pub is_required: bool,
    /// What it is for.
    pub summary: &'static str,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// Its methods.
    pub verb: Verb,
    /// Its path.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it does.
    pub handler: Handler,
    /// How it says that something went wrong: the envelope of its dialect.
    pub failure_body: FailureBody,
    /// The schema of such a body.
    pub failure_schema: SchemaOf,
    /// What a success is answered with.
    pub answer: Answer,
    /// What it is for, in one line.
    pub summary: &'static str,
    /// What its service demands of a new record; what a handler itself demands it says.
    pub creation_needs: &'static [&'static str],
    /// The headers its handler reads.
    pub headers: &'static [Header],
    /// Whether it takes a file in a multipart form, and the time that takes.
    pub takes_file: bool,
    /// Whether its handler reads the body itself; the parameters are then in the query.
    pub raw_body: bool,
}

impl Endpoint {
    /// A route of the native dialect for people with a session.
    const fn native(verb: Verb, path: &'static str, handler: Handler) -> Self {
        Self {
            verb,
            path,
            access: Access::Session,
            handler,
            failure_body: native::failure_body,
            failure_schema: schema::<native::Failed<'_>>,
            answer: Answer::Json(schema::<native::WrittenRecord>),
            summary: "",
            creation_needs: &[],
            headers: &[],
            takes_file: false,
            raw_body: false,
        }
    }

    /// A list or another read, for people with a session.
    pub const fn get(path: &'static str, handler: Handler) -> Self {
        Self::native(Verb::Get, path, handler)
    }

    /// A write, for people with a session.
    pub const fn post(path: &'static str, handler: Handler) -> Self {
        Self::native(Verb::Post, path, handler)
    }

    /// A deletion or another change of state, for people with a session.
    pub const fn delete(path: &'static str, handler: Handler) -> Self {
        Self::native(Verb::Delete, path, handler)
    }

    /// A read by POST, for people with a session.
    pub const fn post_or_query(path: &'static str, handler: Handler) -> Self {
        Self::native(Verb::PostOrQuery, path, handler)
    }

    /// A write of what a file says, for people with a session.
    pub const fn upload(path: &'static str, handler: Handler) -> Self {
        Self { takes_file: true, ..Self::native(Verb::Post, path, handler) }
    }

    /// Whether it only reads, and is answered when it has read.
    pub(super) fn reads(&self) -> bool {
        matches!(self.verb, Verb::Get | Verb::PostOrQuery) && !matches!(self.answer, Answer::File)
    }

    /// Whether a request sent again under the same `Idempotency-Key` is done once. Every route that
    /// writes, but those by which one signs in or out or sets a password: of them nothing is kept.
    pub fn takes_keys(&self) -> bool {
        matches!(self.verb, Verb::Post | Verb::Delete) && self.access == Access::Session
    }

    /// The same for others.
    #[must_use]
    pub const fn open_to(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// The same in another dialect, whose failures have this type and are written by this function.
    #[must_use]
    pub const fn failing_as<T: JsonSchema>(self, failure_body: FailureBody) -> Self {
        Self { failure_body, failure_schema: schema::<T>, ..self }
    }

    /// The same, answered with the JSON of this type. A native write is answered with the id that was
    /// written, unless this says otherwise.
    #[must_use]
    pub const fn answering<T: JsonSchema>(self) -> Self {
        Self { answer: Answer::Json(schema::<T>), ..self }
    }

    /// The same, answered with the JSON of one of these types.
    #[must_use]
    pub const fn answering_either<A: JsonSchema, B: JsonSchema>(self) -> Self {
        Self { answer: Answer::Json(either::<A, B>), ..self }
    }

    /// The same, answered with a native list of these rows.
    #[must_use]
    pub const fn listing<T: JsonSchema>(self) -> Self {
        self.answering::<native::List<T>>()
    }

    /// The same, answered with plain text.
    #[must_use]
    pub const fn answering_text(self) -> Self {
        Self { answer: Answer::Text, ..self }
    }

    /// The same, answered with a file.
    #[must_use]
    pub const fn answering_file(self) -> Self {
        Self { answer: Answer::File, ..self }
    }

    /// The same with the parameters without which nothing new is made.
    #[must_use]
    pub const fn needing(self, creation_needs: &'static [&'static str]) -> Self {
        Self { creation_needs, ..self }
    }

    /// The same with what it is for, in one line of the API document.
    #[must_use]
    pub const fn says(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// The same for a handler that reads the body, which is XML, itself.
    #[must_use]
    pub const fn reading_xml(self) -> Self {
        Self { raw_body: true, ..self }
    }

    /// The same with these headers for its handler.
    #[must_use]
    pub const fn reading(self, headers: &'static [Header]) -> Self {
        Self { headers, ..self }
    }
}
