//! `/api/customers/stages`, `/api/customers/sources` and `/api/customers/categories`.

use crm_core::{Id, StageId};
use crm_customers::Choices;
use crm_customers::options::{Choice, ChoiceInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Services;
use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list_of, written};

#[derive(JsonSchema, Serialize)]
pub(super) struct OptionRow {
    id: i64,
    name: String,
    color: String,
    sort_num: i64,
    is_default: i16,
    is_active: i16,
    /// Of stages alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<i16>,
    version: i64,
}

impl OptionRow {
    fn new(choice: Choice, has_outcome: bool) -> Self {
        Self {
            id: choice.id,
            name: choice.name,
            color: choice.color,
            sort_num: choice.sort_num,
            is_default: choice.is_default,
            is_active: choice.is_active,
            outcome: has_outcome.then_some(choice.outcome),
            version: choice.version,
        }
    }
}

/// The stages, retired ones too, in order.
pub(super) fn list_stages(call: &Call<'_>, input: &mut Reader) -> Outcome {
    list(call, |services| &services.stages, input, "stage_id", true)
}

/// The sources, retired ones too, in order.
pub(super) fn list_sources(call: &Call<'_>, input: &mut Reader) -> Outcome {
    list(call, |services| &services.sources, input, "source_id", false)
}

/// The categories, retired ones too, in order.
pub(super) fn list_categories(call: &Call<'_>, input: &mut Reader) -> Outcome {
    list(call, |services| &services.categories, input, "category_id", false)
}

/// Makes a stage, or with `stage_id` changes one.
pub(super) fn save_stage(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<StageId>("stage_id");
    let outcome = input.int("outcome");
    let version = input.version();
    let choice = ChoiceInput { outcome, ..read(input) };
    save(call, &call.services()?.stages, id, version, choice)
}

/// Makes a source, or with `source_id` changes one.
pub(super) fn save_source(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("source_id");
    let version = input.version();
    let choice = read(input);
    save(call, &call.services()?.sources, id, version, choice)
}

/// Makes a category, or with `category_id` changes one.
pub(super) fn save_category(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("category_id");
    let version = input.version();
    let choice = read(input);
    save(call, &call.services()?.categories, id, version, choice)
}

fn list<I: Id>(
    call: &Call<'_>,
    choices: fn(&Services) -> &Choices<I>,
    input: &mut Reader,
    id: &str,
    has_outcome: bool,
) -> Outcome {
    let id = input.own_id(id);
    let page = input.page_if_asked();
    input.finish()?;
    let found = choices(call.services()?).list(id)?;
    list_of(found.into_iter().map(|choice| OptionRow::new(choice, has_outcome)).collect(), page)
}

/// What is said of an option; read last, for it takes the problems of all that was read before.
fn read(input: &mut Reader) -> ChoiceInput {
    ChoiceInput {
        name: input.text("name"),
        color: input.text("color"),
        sort_num: input.int("sort_num"),
        is_default: input.int("is_default"),
        is_active: input.int("is_active"),
        outcome: crm_core::Patch::Absent,
        problems: input.take_problems(),
    }
}

fn save<I: Id>(
    call: &Call<'_>,
    choices: &Choices<I>,
    id: Option<I>,
    version: Option<i64>,
    choice: ChoiceInput,
) -> Outcome {
    let id = match id {
        Some(id) => choices.update(call.caller()?, id, version, choice).map(|()| id)?,
        None => choices.create(call.caller()?, choice)?,
    };
    written(DONE, id)
}
